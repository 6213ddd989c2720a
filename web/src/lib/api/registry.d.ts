// Generated from contracts/openapi by `npm run client`. Do not edit.

export interface paths {
    "/api/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Models
         * @description Every version, newest first.
         */
        get: operations["list_models_api_v1_models_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/active": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Active Model
         * @description The version that scores now.
         */
        get: operations["get_active_model_api_v1_models_active_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Model
         * @description One version with its gate results.
         */
        get: operations["get_model_api_v1_models__version__get"];
        put?: never;
        post?: never;
        /**
         * Delete Model
         * @description Delete a version; its record stays for audit.
         */
        delete: operations["delete_model_api_v1_models__version__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/activations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Activations
         * @description Every change of the active model, newest first.
         */
        get: operations["list_activations_api_v1_activations_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Roll Back
         * @description Return to the version that was active before; a 409 says what to do if that one cannot be opened.
         */
        post: operations["roll_back_api_v1_models_rollback_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{version}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Activate Model
         * @description Let an accepted version score from now on; a 409 says what to do if it cannot be opened.
         */
        post: operations["activate_model_api_v1_models__version__activate_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{version}/promote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Promote Model
         * @description Let a version score that the gate kept back: a person signs, with a reason.
         */
        post: operations["promote_model_api_v1_models__version__promote_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/training-runs/schedule": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Training Schedule
         * @description When the schedule requests the next training run, and what it still needs.
         */
        get: operations["get_training_schedule_api_v1_training_runs_schedule_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/training-runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Training Runs
         * @description Every training run, newest first.
         */
        get: operations["list_training_runs_api_v1_training_runs_get"];
        put?: never;
        /**
         * Request Training
         * @description Train a new model on the latest data.
         */
        post: operations["request_training_api_v1_training_runs_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/training-runs/{run_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Training Run
         * @description One training run.
         */
        get: operations["get_training_run_api_v1_training_runs__run_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/training-runs/{run_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel Training Run
         * @description Cancel an open run. If the trainer still delivers a model for it, the registry rejects that model.
         */
        post: operations["cancel_training_run_api_v1_training_runs__run_id__cancel_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline-runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Pipeline Runs
         * @description Every pipeline run, the latest started first.
         */
        get: operations["list_pipeline_runs_api_v1_pipeline_runs_get"];
        put?: never;
        /**
         * Report Pipeline
         * @description Report the status of one stage of a pipeline run.
         */
        post: operations["report_pipeline_api_v1_pipeline_runs_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * ActivateRequest
         * @description Which version the caller believes to be active; if left out, any active version is replaced.
         */
        ActivateRequest: {
            /**
             * Expected Active
             * @description the active version you saw; null: none was active
             */
            expected_active?: string | null;
            /**
             * Reason
             * @default activated by a person
             */
            reason: string;
        };
        /**
         * Activation
         * @description One change of the active model: who made it and why.
         */
        Activation: {
            /** Sequence */
            sequence: number;
            /** Version */
            version: string;
            /** Previous */
            previous: string | null;
            /** Actor */
            actor: string;
            /** Reason */
            reason: string;
            /**
             * Activated At
             * Format: date-time
             */
            activated_at: string;
        };
        /**
         * FieldError
         * @description One invalid field of a request.
         */
        FieldError: {
            /** Field */
            field: string;
            /** Code */
            code: string;
            /** Message */
            message: string;
        };
        /**
         * GateResult
         * @description One check of the gate and its result.
         */
        GateResult: {
            /** Check */
            check: string;
            /** Passed */
            passed: boolean;
            /** Value */
            value: number | null;
            /** Limit */
            limit: number | null;
            /** Message */
            message: string;
        };
        /**
         * Judgement
         * @description The verdict on a version, and by which gate file; `undecided` names the checks with too little evidence.
         *
         *     `provisional`: the first model, promoted on too little evidence.
         */
        Judgement: {
            /** @default  */
            verdict: components["schemas"]["Verdict"];
            /**
             * Gate Sha256
             * @default
             */
            gate_sha256: string;
            /**
             * Undecided
             * @default []
             */
            undecided: string[];
            /**
             * Provisional
             * @default false
             */
            provisional: boolean;
            /**
             * Signed By
             * @default
             */
            signed_by: string;
            /** Signed At */
            signed_at?: string | null;
        };
        /**
         * Model
         * @description One version as the registry returns it.
         */
        Model: {
            /** Version */
            version: string;
            status: components["schemas"]["ModelStatus"];
            /** Active */
            active: boolean;
            /**
             * Trained At
             * Format: date-time
             */
            trained_at: string;
            /** Activated At */
            activated_at: string | null;
            /**
             * Run Id
             * Format: uuid
             */
            run_id: string;
            /** Algorithm */
            algorithm: string;
            /** Threshold */
            threshold: number;
            /** Metrics */
            metrics: {
                [key: string]: unknown;
            };
            /** Dataset */
            dataset: {
                [key: string]: unknown;
            };
            /** Parameters */
            parameters: {
                [key: string]: unknown;
            };
            /** Gate */
            gate: components["schemas"]["GateResult"][];
            judgement: components["schemas"]["Judgement"];
            /** Reason */
            reason: string;
            /** Sha256 */
            sha256: string;
        };
        /**
         * ModelStatus
         * @description `candidate` waits for the gate; `rejected` did not pass it, or was refused; one accepted version is `active`.
         * @enum {string}
         */
        ModelStatus: "candidate" | "rejected" | "accepted" | "active" | "deleted";
        /** Page[Activation] */
        Page_Activation_: {
            /** Items */
            items: components["schemas"]["Activation"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** Page[Model] */
        Page_Model_: {
            /** Items */
            items: components["schemas"]["Model"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** Page[PipelineRun] */
        Page_PipelineRun_: {
            /** Items */
            items: components["schemas"]["PipelineRun"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** Page[TrainingRun] */
        Page_TrainingRun_: {
            /** Items */
            items: components["schemas"]["TrainingRun"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /**
         * PipelineReport
         * @description The status of one stage, as its pipeline reports it.
         */
        PipelineReport: {
            /** Pipeline Run Id */
            pipeline_run_id: string;
            /** Pipeline */
            pipeline: string;
            /** Stage */
            stage: string;
            status: components["schemas"]["StageStatus"];
            /** Commit */
            commit: string;
            /**
             * Artifacts
             * @default []
             */
            artifacts: string[];
        };
        /**
         * PipelineRun
         * @description One pipeline run; `status` is failed if any stage failed, else running if any runs, else succeeded.
         */
        PipelineRun: {
            /** Pipeline Run Id */
            pipeline_run_id: string;
            /** Pipeline */
            pipeline: string;
            /** Commit */
            commit: string;
            status: components["schemas"]["StageStatus"];
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            /**
             * Reported At
             * Format: date-time
             */
            reported_at: string;
            /** Stages */
            stages: components["schemas"]["PipelineStage"][];
        };
        /**
         * PipelineStage
         * @description One stage of a pipeline run.
         */
        PipelineStage: {
            /** Stage */
            stage: string;
            status: components["schemas"]["StageStatus"];
            /** Artifacts */
            artifacts: string[];
            /** Actor */
            actor: string;
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            /**
             * Reported At
             * Format: date-time
             */
            reported_at: string;
        };
        /**
         * Problem
         * @description RFC 9457 problem details: `code` is stable, `detail` says what happened and what to do.
         */
        Problem: {
            /**
             * Type
             * @default about:blank
             */
            type: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /** Instance */
            instance?: string | null;
            /** Correlation Id */
            correlation_id?: string | null;
            /**
             * Errors
             * @default []
             */
            errors: components["schemas"]["FieldError"][];
        };
        /**
         * PromoteRequest
         * @description Why a version that the gate did not let pass shall be active; the reason is kept with the name of the person.
         */
        PromoteRequest: {
            /** Reason */
            reason: string;
            /**
             * Expected Active
             * @description the active version you saw; null: none was active
             */
            expected_active?: string | null;
        };
        /**
         * RollbackRequest
         * @description Why the active model is rolled back.
         */
        RollbackRequest: {
            /**
             * Reason
             * @default rolled back by a person
             */
            reason: string;
        };
        /**
         * RunStatus
         * @description The status of a training run.
         * @enum {string}
         */
        RunStatus: "requested" | "running" | "succeeded" | "failed" | "cancelled";
        /**
         * StageStatus
         * @description The status of one stage of a pipeline run.
         * @enum {string}
         */
        StageStatus: "running" | "succeeded" | "failed" | "skipped";
        /**
         * TrainingRequest
         * @description A request for a training run; every field has a default.
         */
        TrainingRequest: {
            /**
             * Reason
             * @default requested by a person
             */
            reason: string;
            /** Parameters */
            parameters?: {
                [key: string]: number | string | boolean | null;
            };
        };
        /**
         * TrainingRun
         * @description One run as the registry returns it.
         */
        TrainingRun: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            status: components["schemas"]["RunStatus"];
            /** Reason */
            reason: string;
            /** Actor */
            actor: string;
            /** Parameters */
            parameters: {
                [key: string]: unknown;
            };
            /** Stage */
            stage: string;
            /** Percent */
            percent: number;
            /** Message */
            message: string;
            /** Model Version */
            model_version: string | null;
            /**
             * Requested At
             * Format: date-time
             */
            requested_at: string;
            /** Ended At */
            ended_at: string | null;
        };
        /**
         * TrainingSchedule
         * @description When the schedule requests the next run, and what it still needs for that.
         */
        TrainingSchedule: {
            /**
             * Interval H
             * @description hours of fleet time between two runs; 0: only on request
             */
            interval_h: number;
            /**
             * Next At
             * @description fleet time from which a run is due; null before the first label update
             */
            next_at: string | null;
            /**
             * Positive Labels
             * @description readings that are known to precede a failure
             */
            positive_labels: number;
            /**
             * Least Positive Labels
             * @description how many of them the schedule needs
             */
            least_positive_labels: number;
        };
        /**
         * Verdict
         * @description What the gate decided; `signed`: a person promoted a version that it had not let pass.
         * @enum {string}
         */
        Verdict: "" | "passed" | "kept back" | "insufficient evidence" | "signed";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_models_api_v1_models_get: {
        parameters: {
            query?: {
                /** @description also list deleted versions */
                include_deleted?: boolean;
                /** @description page, from 1; at most 100,000 entries may be before it */
                page?: number;
                /** @description entries on a page */
                size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Model_"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_active_model_api_v1_models_active_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_model_api_v1_models__version__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_model_api_v1_models__version__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_activations_api_v1_activations_get: {
        parameters: {
            query?: {
                /** @description page, from 1; at most 100,000 entries may be before it */
                page?: number;
                /** @description entries on a page */
                size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Activation_"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    roll_back_api_v1_models_rollback_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RollbackRequest"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    activate_model_api_v1_models__version__activate_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ActivateRequest"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    promote_model_api_v1_models__version__promote_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PromoteRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_training_schedule_api_v1_training_runs_schedule_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrainingSchedule"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_training_runs_api_v1_training_runs_get: {
        parameters: {
            query?: {
                /** @description page, from 1; at most 100,000 entries may be before it */
                page?: number;
                /** @description entries on a page */
                size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TrainingRun_"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    request_training_api_v1_training_runs_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrainingRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrainingRun"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_training_run_api_v1_training_runs__run_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrainingRun"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancel_training_run_api_v1_training_runs__run_id__cancel_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrainingRun"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_pipeline_runs_api_v1_pipeline_runs_get: {
        parameters: {
            query?: {
                /** @description page, from 1; at most 100,000 entries may be before it */
                page?: number;
                /** @description entries on a page */
                size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PipelineRun_"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    report_pipeline_api_v1_pipeline_runs_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PipelineReport"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineRun"];
                };
            };
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Server Error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}

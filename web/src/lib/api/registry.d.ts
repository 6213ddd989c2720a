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
         * Every version, newest first
         * @description Every version, newest first.
         */
        get: operations["listModels"];
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
         * The version that scores now
         * @description The version that scores now.
         */
        get: operations["getActiveModel"];
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
         * One version with its gate results
         * @description One version with its gate results.
         */
        get: operations["getModel"];
        put?: never;
        post?: never;
        /**
         * Delete a version; its record stays for audit
         * @description Delete a version; its record stays for audit.
         */
        delete: operations["deleteModel"];
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
         * Every change of the active model, newest first
         * @description Every change of the active model, newest first.
         */
        get: operations["listActivations"];
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
         * Return to the version that was active before; a 409 says what to do if that one cannot be opened
         * @description Return to the version that was active before; a 409 says what to do if that one cannot be opened.
         */
        post: operations["rollBack"];
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
         * Let an accepted version score from now on; a 409 says what to do if it cannot be opened
         * @description Let an accepted version score from now on; a 409 says what to do if it cannot be opened.
         */
        post: operations["activateModel"];
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
         * Let a version score that the gate kept back: a person signs, with a reason
         * @description Let a version score that the gate kept back: a person signs, with a reason.
         */
        post: operations["promoteModel"];
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
         * When the schedule requests the next training run, and what it still needs
         * @description When the schedule requests the next training run, and what it still needs.
         */
        get: operations["getTrainingSchedule"];
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
         * Every training run, newest first
         * @description Every training run, newest first.
         */
        get: operations["listTrainingRuns"];
        put?: never;
        /**
         * Train a new model on the latest data
         * @description Train a new model on the latest data.
         */
        post: operations["requestTraining"];
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
         * One training run
         * @description One training run.
         */
        get: operations["getTrainingRun"];
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
         * Cancel an open run
         * @description Cancel an open run. If the trainer still delivers a model for it, the registry rejects that model.
         */
        post: operations["cancelTrainingRun"];
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
         * Every pipeline run, the latest started first
         * @description Every pipeline run, the latest started first.
         */
        get: operations["listPipelineRuns"];
        put?: never;
        /**
         * Report the status of one stage of a pipeline run
         * @description Report the status of one stage of a pipeline run.
         */
        post: operations["reportPipeline"];
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
        /** ActivationPage */
        ActivationPage: {
            /** Items */
            items: components["schemas"]["Activation"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** ModelPage */
        ModelPage: {
            /** Items */
            items: components["schemas"]["Model"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** PipelineRunPage */
        PipelineRunPage: {
            /** Items */
            items: components["schemas"]["PipelineRun"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** TrainingRunPage */
        TrainingRunPage: {
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
    listModels: {
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
                    "application/json": components["schemas"]["ModelPage"];
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
    getActiveModel: {
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
    getModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the version */
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
    deleteModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the version */
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
    listActivations: {
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
                    "application/json": components["schemas"]["ActivationPage"];
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
    rollBack: {
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
    activateModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the version */
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
    promoteModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the version */
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
    getTrainingSchedule: {
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
    listTrainingRuns: {
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
                    "application/json": components["schemas"]["TrainingRunPage"];
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
    requestTraining: {
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
    getTrainingRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the run */
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
    cancelTrainingRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the run */
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
    listPipelineRuns: {
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
                    "application/json": components["schemas"]["PipelineRunPage"];
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
    reportPipeline: {
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

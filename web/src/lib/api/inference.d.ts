// Generated from contracts/openapi by `npm run client`. Do not edit.

export interface paths {
    "/api/v1/risk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Devices, the most urgent first, each with its newest score, the reading it is about and its factors
         * @description Devices, the most urgent first, each with its newest score, the reading it is about and its factors.
         */
        get: operations["listRisks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/risk/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The fleet at a glance: devices by level, open episodes, and the active model
         * @description The fleet at a glance: devices by level, open episodes, and the active model.
         */
        get: operations["getRiskSummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/risk/late-findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Scores that would have raised an alert if no reading had been late; the latest to become known first
         * @description Scores that would have raised an alert if no reading had been late; the latest to become known first.
         */
        get: operations["listLateFindings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/risk/{device_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One device's current risk and its last predictions
         * @description One device's current risk and its last predictions.
         */
        get: operations["getRisk"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/predictions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A device's scores, newest reading first
         * @description A device's scores, newest reading first.
         */
        get: operations["listPredictions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/predict": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Score the newest reading of each device from these readings alone; nothing is stored
         * @description Score the newest reading of each device from these readings alone; nothing is stored.
         */
        post: operations["predict"];
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
         * AlertKind
         * @description What the alert warns of.
         * @enum {string}
         */
        AlertKind: "failure_risk";
        /**
         * DecidedBy
         * @description What a level comes from: the `model`'s risk, or a hard `limit` of the profile, which no model overrules.
         * @enum {string}
         */
        DecidedBy: "model" | "limit";
        /**
         * Factor
         * @description A fact that stands out behind a score: a predictor, its value, and the same in words.
         *
         *     `contribution` is what all predictors of the `signal` (null: of no single one) added to the raw score. `baseline` is
         *     what the signal was for this device `baseline_days` before, in its unit.
         */
        Factor: {
            /** Name */
            name: string;
            /** Value */
            value: number | null;
            /** Contribution */
            contribution: number;
            /** Text */
            text: string;
            /** Signal */
            signal?: string | null;
            /** Baseline */
            baseline?: number | null;
            /** Baseline Days */
            baseline_days?: number | null;
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
         * ListFormat
         * @description The formats of a list.
         * @enum {string}
         */
        ListFormat: "json" | "csv";
        /**
         * Moves
         * @description How many devices the next reading will move to a higher and to a lower level, as their newest one tells.
         */
        Moves: {
            /** Up */
            up: number;
            /** Down */
            down: number;
        };
        /**
         * NoLevel
         * @description Why a score has no level: the device is too new and `settling`, or there is `not_enough_history` of it.
         * @enum {string}
         */
        NoLevel: "settling" | "not_enough_history";
        /**
         * OpenEpisode
         * @description The open episode of a device; times are fleet time.
         */
        OpenEpisode: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            kind: components["schemas"]["AlertKind"];
            /**
             * Risk
             * @description when it opened
             */
            risk: number;
            decided_by: components["schemas"]["DecidedBy"];
            /**
             * Opened At
             * Format: date-time
             */
            opened_at: string;
        };
        /** PacemakerLateFinding */
        PacemakerLateFinding: {
            /** Patient Id */
            patient_id: number;
            /**
             * Device
             * @description the device as people write it: its number or name
             */
            device: string;
            /**
             * Timestamp
             * @description of the reading, as it was sent: Unix seconds
             */
            timestamp: number;
            /**
             * Measured At
             * @description the timestamp as a time; null beyond the year 9999
             */
            measured_at: string | null;
            /** Risk */
            risk: number;
            /** Threshold */
            threshold: number;
            /** Model Version */
            model_version: string;
            /**
             * Possible At
             * Format: date-time
             * @description when an alert could have been raised, fleet time
             */
            possible_at: string;
            /**
             * Known At
             * Format: date-time
             * @description when late readings gave this score, fleet time
             */
            known_at: string;
            /**
             * Alert Id
             * @description the next alert; null if there is none
             */
            alert_id: string | null;
            /** Alerted At */
            alerted_at: string | null;
            /**
             * Hours Earlier
             * @description hours from possible_at to alerted_at
             */
            hours_earlier: number | null;
        };
        /** PacemakerPredictRequest */
        PacemakerPredictRequest: {
            /** Readings */
            readings: components["schemas"]["PacemakerReading"][];
        };
        /** PacemakerPredictedRisk */
        PacemakerPredictedRisk: {
            /** Patient Id */
            patient_id: number;
            /**
             * Device
             * @description as people write it: its number or name
             */
            device: string;
            /** Risk */
            risk: number;
            /** @description null: `no_level` says why */
            level: components["schemas"]["RiskLevel"] | null;
            /** @description why there is no level; null with one */
            no_level: components["schemas"]["NoLevel"] | null;
            /** @description null without a level */
            decided_by: components["schemas"]["DecidedBy"] | null;
            /**
             * Relative Risk
             * @description risk as a multiple of the fleet's base rate; null if that is unknown
             */
            relative_risk: number | null;
            /**
             * Timestamp
             * @description of the reading, as it was sent: Unix seconds
             */
            timestamp: number;
            /**
             * Measured At
             * @description the timestamp as a time; null beyond the year 9999
             */
            measured_at: string | null;
            /** Model Version */
            model_version: string;
            /** Threshold */
            threshold: number;
            /**
             * Signals
             * @description the reading, signal by signal
             */
            signals: {
                [key: string]: number;
            };
            /**
             * Factors
             * @description a fact for each signal that stands out, hard limits first, then the largest; may be empty
             */
            factors: components["schemas"]["Factor"][];
            /**
             * Contributions
             * @description to the raw score, by signal
             */
            contributions: {
                [key: string]: number;
            };
            /**
             * Scored At
             * Format: date-time
             */
            scored_at: string;
            /**
             * Missing
             * @description predictors without a value: too little history, or not registered
             */
            missing: string[];
            /**
             * No Level Text
             * @description `no_level` in words, with the days that it takes; null with a level
             */
            no_level_text: string | null;
        };
        /** PacemakerPrediction */
        PacemakerPrediction: {
            /** Patient Id */
            patient_id: number;
            /**
             * Device
             * @description the device as people write it: its number or name
             */
            device: string;
            /**
             * Timestamp
             * @description of the reading, as it was sent: Unix seconds
             */
            timestamp: number;
            /**
             * Measured At
             * @description the timestamp as a time; null beyond the year 9999
             */
            measured_at: string | null;
            /** Risk */
            risk: number;
            level: components["schemas"]["RiskLevel"] | null;
            no_level: components["schemas"]["NoLevel"] | null;
            decided_by: components["schemas"]["DecidedBy"] | null;
            /** Threshold */
            threshold: number;
            /** Model Version */
            model_version: string;
            /** Feature Hash */
            feature_hash: string;
            /**
             * Factors
             * @description a fact for each signal that stands out, hard limits first, then the largest; may be empty
             */
            factors: components["schemas"]["Factor"][];
            /**
             * Batch Id
             * Format: uuid
             */
            batch_id: string;
            /** Revision */
            revision: number;
            /**
             * Scored At
             * Format: date-time
             */
            scored_at: string;
            /** Superseded At */
            superseded_at: string | null;
        };
        /** PacemakerPredictions */
        PacemakerPredictions: {
            /** Items */
            items: components["schemas"]["PacemakerPredictedRisk"][];
        };
        /** PacemakerReading */
        PacemakerReading: {
            /** Patient Id */
            patient_id: number;
            /**
             * Timestamp
             * @description Unix seconds, UTC
             * @example 1767225600
             */
            timestamp: number;
            /**
             * Lead Impedance Ohms
             * @description lead impedance, ohm
             */
            lead_impedance_ohms: number;
            /**
             * Capture Threshold V
             * @description capture threshold, V
             */
            capture_threshold_v: number;
            /**
             * R Wave Sensing Mv
             * @description R-wave sensing, mV
             */
            r_wave_sensing_mv: number;
            /**
             * Battery Voltage V
             * @description battery voltage, V
             */
            battery_voltage_v: number;
            /**
             * Target Fail Next 7D
             * @description accepted and ignored: the platform computes it
             */
            target_fail_next_7d?: number | null;
            /**
             * Lead Impedance Ohms Rolling Mean 3D
             * @description accepted and ignored: the platform computes it
             */
            lead_impedance_ohms_rolling_mean_3d?: number | null;
            /**
             * Lead Impedance Ohms Rolling Mean 7D
             * @description accepted and ignored: the platform computes it
             */
            lead_impedance_ohms_rolling_mean_7d?: number | null;
            /**
             * Capture Threshold V Rolling Mean 3D
             * @description accepted and ignored: the platform computes it
             */
            capture_threshold_v_rolling_mean_3d?: number | null;
            /**
             * Capture Threshold V Rolling Mean 7D
             * @description accepted and ignored: the platform computes it
             */
            capture_threshold_v_rolling_mean_7d?: number | null;
            /**
             * Lead Impedance Ohms Delta Per Day 3D
             * @description accepted and ignored: the platform computes it
             */
            lead_impedance_ohms_delta_per_day_3d?: number | null;
            /**
             * Lead Impedance Ohms Delta Per Day 7D
             * @description accepted and ignored: the platform computes it
             */
            lead_impedance_ohms_delta_per_day_7d?: number | null;
            /**
             * Capture Threshold V Delta Per Day 3D
             * @description accepted and ignored: the platform computes it
             */
            capture_threshold_v_delta_per_day_3d?: number | null;
            /**
             * Capture Threshold V Delta Per Day 7D
             * @description accepted and ignored: the platform computes it
             */
            capture_threshold_v_delta_per_day_7d?: number | null;
        };
        /** PacemakerRisk */
        PacemakerRisk: {
            /** Patient Id */
            patient_id: number;
            /**
             * Device
             * @description as people write it: its number or name
             */
            device: string;
            /** Risk */
            risk: number;
            /** @description null: `no_level` says why */
            level: components["schemas"]["RiskLevel"] | null;
            /** @description why there is no level; null with one */
            no_level: components["schemas"]["NoLevel"] | null;
            /** @description null without a level */
            decided_by: components["schemas"]["DecidedBy"] | null;
            /**
             * Relative Risk
             * @description risk as a multiple of the fleet's base rate; null if that is unknown
             */
            relative_risk: number | null;
            /**
             * Timestamp
             * @description of the reading, as it was sent: Unix seconds
             */
            timestamp: number;
            /**
             * Measured At
             * @description the timestamp as a time; null beyond the year 9999
             */
            measured_at: string | null;
            /** Model Version */
            model_version: string;
            /** Threshold */
            threshold: number;
            /**
             * Signals
             * @description the reading, signal by signal
             */
            signals: {
                [key: string]: number;
            };
            /**
             * Factors
             * @description a fact for each signal that stands out, hard limits first, then the largest; may be empty
             */
            factors: components["schemas"]["Factor"][];
            /**
             * Contributions
             * @description to the raw score, by signal
             */
            contributions: {
                [key: string]: number;
            };
            /**
             * Scored At
             * Format: date-time
             */
            scored_at: string;
        };
        /** PacemakerRiskDetail */
        PacemakerRiskDetail: {
            /** Patient Id */
            patient_id: number;
            /**
             * Device
             * @description as people write it: its number or name
             */
            device: string;
            /** Risk */
            risk: number;
            /** @description null: `no_level` says why */
            level: components["schemas"]["RiskLevel"] | null;
            /** @description why there is no level; null with one */
            no_level: components["schemas"]["NoLevel"] | null;
            /** @description null without a level */
            decided_by: components["schemas"]["DecidedBy"] | null;
            /**
             * Relative Risk
             * @description risk as a multiple of the fleet's base rate; null if that is unknown
             */
            relative_risk: number | null;
            /**
             * Timestamp
             * @description of the reading, as it was sent: Unix seconds
             */
            timestamp: number;
            /**
             * Measured At
             * @description the timestamp as a time; null beyond the year 9999
             */
            measured_at: string | null;
            /** Model Version */
            model_version: string;
            /** Threshold */
            threshold: number;
            /**
             * Signals
             * @description the reading, signal by signal
             */
            signals: {
                [key: string]: number;
            };
            /**
             * Factors
             * @description a fact for each signal that stands out, hard limits first, then the largest; may be empty
             */
            factors: components["schemas"]["Factor"][];
            /**
             * Contributions
             * @description to the raw score, by signal
             */
            contributions: {
                [key: string]: number;
            };
            /**
             * Scored At
             * Format: date-time
             */
            scored_at: string;
            /**
             * Missing
             * @description predictors without a value: too little history, or not registered
             */
            missing: string[];
            /**
             * No Level Text
             * @description `no_level` in words, with the days that it takes; null with a level
             */
            no_level_text: string | null;
            episode: components["schemas"]["OpenEpisode"] | null;
            /** History */
            history: components["schemas"]["PacemakerPrediction"][];
        };
        /** PacemakerLateFindingPage */
        PacemakerLateFindingPage: {
            /** Items */
            items: components["schemas"]["PacemakerLateFinding"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** PacemakerPredictionPage */
        PacemakerPredictionPage: {
            /** Items */
            items: components["schemas"]["PacemakerPrediction"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** PacemakerRiskPage */
        PacemakerRiskPage: {
            /** Items */
            items: components["schemas"]["PacemakerRisk"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
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
         * RiskLevel
         * @description `high`: the share of readings that the alert budget allows; `elevated`: with these at most four times it.
         * @enum {string}
         */
        RiskLevel: "high" | "elevated" | "normal";
        /**
         * RiskSummary
         * @description The fleet at a glance; version and threshold are None before the first activation.
         */
        RiskSummary: {
            /** Model Version */
            model_version: string | null;
            /** Threshold */
            threshold: number | null;
            /**
             * Levels
             * @description devices by level, without silent ones
             */
            levels: {
                [key: string]: number;
            };
            /** @description of the last activation, over the devices looked at since; null for the first */
            moves: components["schemas"]["Moves"] | null;
            /**
             * Not Enough History
             * @description devices with a score and too little history for a level
             */
            not_enough_history: number;
            /**
             * Settling
             * @description devices with a score and too new for a level by the model
             */
            settling: number;
            /**
             * Unscored
             * @description devices with readings and no score yet
             */
            unscored: number;
            /**
             * Silent
             * @description devices behind the fleet's newest reading by more than the horizon
             */
            silent: number;
            /** Open Episodes */
            open_episodes: number;
            /**
             * Scored At
             * @description time of the newest score, fleet time
             */
            scored_at: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listRisks: {
        parameters: {
            query?: {
                /** @description only devices of this level */
                level?: components["schemas"]["RiskLevel"] | null;
                /** @description also silent devices, behind the fleet by more than the horizon */
                silent?: boolean;
                /** @description csv: all entries as one table, without pages; at most 10,000 */
                format?: components["schemas"]["ListFormat"];
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
                    "application/json": components["schemas"]["PacemakerRiskPage"];
                    "text/csv": string;
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
    getRiskSummary: {
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
                    "application/json": components["schemas"]["RiskSummary"];
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
    listLateFindings: {
        parameters: {
            query?: {
                /** @description only of this device */
                device_id?: string | null;
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
                    "application/json": components["schemas"]["PacemakerLateFindingPage"];
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
    getRisk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a device: its number, its name, or its id */
                device_id: string;
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
                    "application/json": components["schemas"]["PacemakerRiskDetail"];
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
    listPredictions: {
        parameters: {
            query: {
                /** @description a device: its number, its name, or its id */
                device_id: string;
                /** @description only readings at or after this time */
                from?: string | number;
                /** @description only readings at or before this time */
                to?: string | number;
                /** @description also scores that a later score of the same reading supersedes */
                superseded?: boolean;
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
                    "application/json": components["schemas"]["PacemakerPredictionPage"];
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
    predict: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PacemakerPredictRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PacemakerPredictions"];
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

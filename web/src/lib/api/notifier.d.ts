// Generated from contracts/openapi by `npm run client`. Do not edit.

export interface paths {
    "/api/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Alerts, newest first
         * @description Alerts, newest first.
         */
        get: operations["listAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{alert_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One alert and its deliveries
         * @description One alert and its deliveries.
         */
        get: operations["getAlert"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{alert_id}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Acknowledge an alert
         * @description Acknowledge an alert. Only the first acknowledgement counts; a repeated one returns the same response.
         */
        post: operations["acknowledgeAlert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/dispatch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try failed deliveries again, and create deliveries for open alerts that have none
         * @description Try failed deliveries again, and create deliveries for open alerts that have none.
         */
        post: operations["dispatchAlerts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Mails, newest first: queued, sent or failed
         * @description Mails, newest first: queued, sent or failed.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
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
         * Acknowledgement
         * @description A note from the person who acknowledges an alert.
         */
        Acknowledgement: {
            /**
             * Note
             * @default
             */
            note: string;
        };
        /**
         * AlertKind
         * @description What the alert warns of.
         * @enum {string}
         */
        AlertKind: "failure_risk";
        /**
         * AlertStatus
         * @description `open` is not acknowledged yet, `acknowledged` has a person working on it, `cleared` has ended.
         * @enum {string}
         */
        AlertStatus: "open" | "acknowledged" | "cleared";
        /**
         * DecidedBy
         * @description What a level comes from: the `model`'s risk, or a hard `limit` of the profile, which no model overrules.
         * @enum {string}
         */
        DecidedBy: "model" | "limit";
        /**
         * Delivery
         * @description One mail to one recipient; its times are wall time.
         */
        Delivery: {
            /** Id */
            id: number;
            /**
             * Alert Id
             * Format: uuid
             */
            alert_id: string;
            /** Recipient */
            recipient: string;
            /** Message Id */
            message_id: string;
            status: components["schemas"]["DeliveryStatus"];
            /** Attempts */
            attempts: number;
            /** Last Error */
            last_error: string | null;
            /**
             * Next Attempt At
             * @description while queued
             */
            next_attempt_at: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Sent At */
            sent_at: string | null;
        };
        /**
         * DeliveryStatus
         * @description `queued` will be tried until it is sent or refused; `failed` was refused by the mail server for good.
         * @enum {string}
         */
        DeliveryStatus: "queued" | "sent" | "failed";
        /**
         * Dispatched
         * @description What a dispatch queued.
         */
        Dispatched: {
            /**
             * Requeued
             * @description failed deliveries that will be tried again
             */
            requeued: number;
            /**
             * Created
             * @description new deliveries for open alerts that had none
             */
            created: number;
        };
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
        /** PacemakerAlert */
        PacemakerAlert: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Patient Id */
            patient_id: number;
            /**
             * Device
             * @description the device as people write it: its number or name
             */
            device: string;
            kind: components["schemas"]["AlertKind"];
            status: components["schemas"]["AlertStatus"];
            /** Risk */
            risk: number;
            /** Threshold */
            threshold: number;
            decided_by: components["schemas"]["DecidedBy"];
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
            /** Model Version */
            model_version: string;
            /**
             * Raised At
             * Format: date-time
             */
            raised_at: string;
            /** Cleared At */
            cleared_at: string | null;
            /** Acknowledged At */
            acknowledged_at: string | null;
            /** Acknowledged By */
            acknowledged_by: string | null;
            /** Note */
            note: string | null;
        };
        /** PacemakerAlertDetail */
        PacemakerAlertDetail: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Patient Id */
            patient_id: number;
            /**
             * Device
             * @description the device as people write it: its number or name
             */
            device: string;
            kind: components["schemas"]["AlertKind"];
            status: components["schemas"]["AlertStatus"];
            /** Risk */
            risk: number;
            /** Threshold */
            threshold: number;
            decided_by: components["schemas"]["DecidedBy"];
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
            /** Model Version */
            model_version: string;
            /**
             * Raised At
             * Format: date-time
             */
            raised_at: string;
            /** Cleared At */
            cleared_at: string | null;
            /** Acknowledged At */
            acknowledged_at: string | null;
            /** Acknowledged By */
            acknowledged_by: string | null;
            /** Note */
            note: string | null;
            /** Deliveries */
            deliveries: components["schemas"]["Delivery"][];
        };
        /** DeliveryPage */
        DeliveryPage: {
            /** Items */
            items: components["schemas"]["Delivery"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** PacemakerAlertPage */
        PacemakerAlertPage: {
            /** Items */
            items: components["schemas"]["PacemakerAlert"][];
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
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listAlerts: {
        parameters: {
            query?: {
                /** @description only alerts of this status */
                status?: components["schemas"]["AlertStatus"] | null;
                /** @description only alerts of this device */
                device_id?: string | null;
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
                    "application/json": components["schemas"]["PacemakerAlertPage"];
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
    getAlert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the alert */
                alert_id: string;
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
                    "application/json": components["schemas"]["PacemakerAlertDetail"];
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
    acknowledgeAlert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the alert */
                alert_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Acknowledgement"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PacemakerAlert"];
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
    dispatchAlerts: {
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
                    "application/json": components["schemas"]["Dispatched"];
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
    listDeliveries: {
        parameters: {
            query?: {
                /** @description only mails of this status */
                status?: components["schemas"]["DeliveryStatus"] | null;
                /** @description only mails of this alert */
                alert_id?: string | null;
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
                    "application/json": components["schemas"]["DeliveryPage"];
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

// Generated from contracts/openapi by `npm run client`. Do not edit.

export interface paths {
    "/api/v1/telemetry/ingest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Store a batch of readings
         * @description Store a batch of readings. Invalid rows are reported, all others accepted; a stored reading never changes.
         */
        post: operations["ingestBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/telemetry/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List all batches, newest first; `total` counts up to 10,000
         * @description List all batches, newest first; `total` counts up to 10,000.
         */
        get: operations["listBatches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/telemetry/batches/{batch_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the audit of one batch
         * @description Get the audit of one batch.
         */
        get: operations["getBatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/telemetry/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count stored readings and their devices, with the first and the last timestamp
         * @description Count stored readings and their devices, with the first and the last timestamp.
         */
        get: operations["getTelemetrySummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/telemetry/devices/{device_id}/readings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the newest readings of one device of a span, oldest first
         * @description List the newest readings of one device of a span, oldest first.
         */
        get: operations["listDeviceReadings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/telemetry/recent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the newest readings of the whole fleet, newest first
         * @description List the newest readings of the whole fleet, newest first.
         */
        get: operations["listRecentReadings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outcomes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List outcomes, the latest to occur first
         * @description List outcomes, the latest to occur first.
         */
        get: operations["listOutcomes"];
        put?: never;
        /**
         * Record outcomes
         * @description Record outcomes. Invalid ones are reported, all others recorded; a repeated outcome is a duplicate.
         */
        post: operations["recordOutcomes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outcomes/{outcome_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one outcome from its report to its last correction, with actors, times and reasons
         * @description Get one outcome from its report to its last correction, with actors, times and reasons.
         */
        get: operations["getOutcome"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outcomes/{outcome_id}/corrections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace a wrong outcome, or withdraw it; the wrong one stays on record
         * @description Replace a wrong outcome, or withdraw it; the wrong one stays on record.
         *
         *     The next update of labels applies it. 409 if this outcome was corrected already.
         */
        post: operations["correctOutcome"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/labels/mature": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Update labels now, without waiting for the schedule; repeating it is safe
         * @description Update labels now, without waiting for the schedule; repeating it is safe.
         */
        post: operations["matureLabels"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/labels/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count readings by label
         * @description Count readings by label.
         */
        get: operations["getLabelSummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectivity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List devices by connectivity, the longest silent first, without failed, explanted and lost ones
         * @description List devices by connectivity, the longest silent first, without failed, explanted and lost ones.
         */
        get: operations["listConnectivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the registered devices by id, each as it is at a moment
         * @description List the registered devices by id, each as it is at a moment.
         */
        get: operations["listDevices"];
        put?: never;
        /**
         * Record attributes of devices, as JSON or CSV
         * @description Record attributes of devices, as JSON or CSV. Invalid rows are reported, all others recorded.
         */
        post: operations["registerDevices"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{device_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one device of the register, as it is at a moment
         * @description Get one device of the register, as it is at a moment.
         */
        get: operations["getDevice"];
        /**
         * Change attributes of one device from a moment on; attributes that are left out stay as they are
         * @description Change attributes of one device from a moment on; attributes that are left out stay as they are.
         */
        put: operations["changeDevice"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{device_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List all that was ever recorded of one device, the last recorded first, with who, when and why
         * @description List all that was ever recorded of one device, the last recorded first, with who, when and why.
         */
        get: operations["getDeviceHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/telemetry/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List all uploads, newest first; `total` counts up to 10,000
         * @description List all uploads, newest first; `total` counts up to 10,000.
         */
        get: operations["listUploads"];
        put?: never;
        /**
         * Upload a file of any number of readings, to be stored in the background by the rules of a batch
         * @description Upload a file of any number of readings, to be stored in the background by the rules of a batch.
         */
        post: operations["uploadFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/telemetry/uploads/{upload_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the status of one upload
         * @description Get the status of one upload.
         */
        get: operations["getUpload"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/telemetry/uploads/{upload_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an upload; the rows it has stored stay
         * @description Cancel an upload; the rows it has stored stay.
         */
        post: operations["cancelUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/telemetry/uploads/{upload_id}/rejects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the rows of an upload rejected so far, with their errors, the first 10,000; a row may have several
         * @description Get the rows of an upload rejected so far, with their errors, the first 10,000; a row may have several.
         */
        get: operations["getRejects"];
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
         * BatchRecord
         * @description The audit of one batch: who sent it, when and from where, and the result for its rows.
         */
        BatchRecord: {
            /**
             * Batch Id
             * Format: uuid
             */
            batch_id: string;
            mode: components["schemas"]["Mode"];
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
            /** Actor */
            actor: string;
            /** Address */
            address: string;
            /** Correlation Id */
            correlation_id: string;
            /** Received */
            received: number;
            /** Accepted */
            accepted: number;
            /** Duplicates */
            duplicates: number;
            /** Rejected */
            rejected: number;
            /**
             * Late
             * @description accepted live rows that arrived late after their timestamp
             */
            late: number;
            /**
             * Removed
             * @description accepted rows that retention has removed since
             */
            removed: number;
            /**
             * Codes
             * @description how often each error code was reported
             */
            codes: {
                [key: string]: number;
            };
            /**
             * First Reading At
             * @description time of the oldest accepted reading
             */
            first_reading_at: string | null;
            /**
             * Last Reading At
             * @description time of the newest accepted reading
             */
            last_reading_at: string | null;
            /** Idempotency Key */
            idempotency_key: string | null;
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
         * Format
         * @description The formats of a file.
         * @enum {string}
         */
        Format: "csv" | "ndjson" | "parquet";
        /**
         * IngestReport
         * @description Result of a batch: accepted + duplicates + rejected = received.
         */
        IngestReport: {
            /**
             * Batch Id
             * Format: uuid
             */
            batch_id: string;
            /** Received */
            received: number;
            /** Accepted */
            accepted: number;
            /** Duplicates */
            duplicates: number;
            /** Rejected */
            rejected: number;
            /**
             * Late
             * @description accepted live rows that arrived later than the profile's limit
             */
            late: number;
            /** Errors */
            errors: components["schemas"]["RowError"][];
            /**
             * Ignored Columns
             * @description sent but not used: the platform computes them
             * @default []
             */
            ignored_columns: string[];
        };
        /**
         * LabelCounts
         * @description Readings by label state, over the whole ledger.
         */
        LabelCounts: {
            /** Unresolved */
            unresolved: number;
            /** Positive */
            positive: number;
            /** Negative */
            negative: number;
            /** Censored */
            censored: number;
        };
        /**
         * LabelState
         * @description The label of one reading in the ledger; `censored`: the device left the fleet before the horizon had passed.
         * @enum {string}
         */
        LabelState: "unresolved" | "positive" | "negative" | "censored";
        /**
         * LabelSummary
         * @description Readings by label; `as_of` is when labels were last updated, None if never.
         */
        LabelSummary: {
            /** As Of */
            as_of: string | null;
            counts: components["schemas"]["LabelCounts"];
        };
        /**
         * LabelsMoved
         * @description What one update changed: `moves` counts readings by label before and after, as `before>after`.
         */
        LabelsMoved: {
            /** As Of */
            as_of: string | null;
            counts: components["schemas"]["LabelCounts"];
            /** Moved */
            moved: number;
            /** Moves */
            moves: {
                [key: string]: number;
            };
        };
        /**
         * LinkCounts
         * @description Devices by state, over the whole fleet.
         */
        LinkCounts: {
            /** Connected */
            connected: number;
            /** Late */
            late: number;
            /** Disconnected */
            disconnected: number;
        };
        /**
         * LinkState
         * @description State by how long a device has not reported, measured against its cadence.
         * @enum {string}
         */
        LinkState: "connected" | "late" | "disconnected";
        /**
         * ListFormat
         * @description The formats of a list.
         * @enum {string}
         */
        ListFormat: "json" | "csv";
        /**
         * Mode
         * @description `live` readings are scored and may raise alerts; `backfill` is history, stored without scoring or alerts.
         * @enum {string}
         */
        Mode: "live" | "backfill";
        /**
         * OutcomeError
         * @description Why one outcome was not recorded, or that it was recorded before and corrected since.
         */
        OutcomeError: {
            /** Row */
            row: number;
            /** Field */
            field: string;
            /** Code */
            code: string;
            /** Message */
            message: string;
        };
        /**
         * OutcomeKind
         * @description What happened; `seen_healthy` is a check-up that found the device working.
         * @enum {string}
         */
        OutcomeKind: "failure" | "explant" | "lost" | "seen_healthy";
        /**
         * OutcomeReport
         * @description Result of a request: recorded + duplicates + rejected = received.
         */
        OutcomeReport: {
            /** Received */
            received: number;
            /** Recorded */
            recorded: number;
            /** Duplicates */
            duplicates: number;
            /** Rejected */
            rejected: number;
            /** Errors */
            errors: components["schemas"]["OutcomeError"][];
            /**
             * Warnings
             * @description what looks wrong although each outcome is valid
             * @default []
             */
            warnings: string[];
        };
        /** PacemakerAttributes */
        PacemakerAttributes: {
            /**
             * Implanted At
             * @description implanted
             */
            implanted_at?: string | number | null;
            /**
             * Lead Model
             * @description lead model
             */
            lead_model?: string | null;
            /**
             * Vendor
             * @description vendor
             */
            vendor?: string | null;
            /**
             * Lot
             * @description lot
             */
            lot?: string | null;
            /**
             * Site
             * @description site
             */
            site?: string | null;
        };
        /** PacemakerConnectivity */
        PacemakerConnectivity: {
            /** Items */
            items: components["schemas"]["PacemakerLink"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
            counts: components["schemas"]["LinkCounts"];
            /**
             * Fleet Wide
             * @description so many devices fell silent at once that the gateway is the likely cause
             */
            fleet_wide: boolean;
            /** Late After S */
            late_after_s: number;
            /** Disconnected After S */
            disconnected_after_s: number;
            /**
             * As Of
             * Format: date-time
             */
            as_of: string;
            /**
             * Downtime Began At
             * @description Pacewatch itself received nothing from then to `downtime_ended_at`; it counts as nobody's silence
             */
            downtime_began_at?: string | null;
            /** Downtime Ended At */
            downtime_ended_at?: string | null;
        };
        /** PacemakerCorrection */
        PacemakerCorrection: {
            /** Reason */
            reason: string;
            /**
             * Withdrawn
             * @description true: there was no such outcome
             * @default false
             */
            withdrawn: boolean;
            outcome?: components["schemas"]["PacemakerOutcome"] | null;
        };
        /** PacemakerDeviceChange */
        PacemakerDeviceChange: {
            /**
             * Reason
             * @description why the register changes
             */
            reason: string;
            /**
             * Valid From
             * @description from when the values hold; default: always
             * @default 0
             */
            valid_from: string | number;
            attributes: components["schemas"]["PacemakerAttributes"];
        };
        /** PacemakerLink */
        PacemakerLink: {
            /** Patient Id */
            patient_id: number;
            /**
             * Device
             * @description the device as people write it: its number or name
             */
            device: string;
            state: components["schemas"]["LinkState"];
            /**
             * Last Heard At
             * Format: date-time
             * @description when live readings last arrived, fleet time
             */
            last_heard_at: string;
            /**
             * Silent S
             * @description since then, without our own downtimes
             */
            silent_s: number;
        };
        /** PacemakerOutcome */
        PacemakerOutcome: {
            /** Patient Id */
            patient_id: number | string;
            kind: components["schemas"]["OutcomeKind"];
            /** Occurred At */
            occurred_at: string | number;
            /**
             * Learnt At
             * @description default: now
             */
            learnt_at?: string | number | null;
            /**
             * Mode
             * @description failure mode or component
             * @default
             */
            mode: string;
        };
        /** PacemakerOutcomeHistory */
        PacemakerOutcomeHistory: {
            /**
             * History
             * @description oldest first; the last one is valid
             */
            history: components["schemas"]["RecordedPacemakerOutcome"][];
        };
        /** BatchRecordPage */
        BatchRecordPage: {
            /** Items */
            items: components["schemas"]["BatchRecord"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** RecordedPacemakerOutcomePage */
        RecordedPacemakerOutcomePage: {
            /** Items */
            items: components["schemas"]["RecordedPacemakerOutcome"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** RegisterEntryPage */
        RegisterEntryPage: {
            /** Items */
            items: components["schemas"]["RegisterEntry"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** RegisteredPacemakerPage */
        RegisteredPacemakerPage: {
            /** Items */
            items: components["schemas"]["RegisteredPacemaker"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** UploadRecordPage */
        UploadRecordPage: {
            /** Items */
            items: components["schemas"]["UploadRecord"][];
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
        /** RecordedPacemakerOutcome */
        RecordedPacemakerOutcome: {
            /**
             * Outcome Id
             * Format: uuid
             */
            outcome_id: string;
            /** Patient Id */
            patient_id: number;
            /**
             * Device
             * @description the device as people write it: its number or name
             */
            device: string;
            kind: components["schemas"]["OutcomeKind"];
            /** Mode */
            mode: string;
            /**
             * Occurred At
             * Format: date-time
             */
            occurred_at: string;
            /**
             * Learnt At
             * Format: date-time
             */
            learnt_at: string;
            /**
             * Recorded At
             * Format: date-time
             */
            recorded_at: string;
            /** Actor */
            actor: string;
            /**
             * Withdrawn
             * @description there was no such outcome
             */
            withdrawn: boolean;
            /**
             * Corrects
             * @description the outcome that this one replaces
             */
            corrects: string | null;
            /**
             * Reason
             * @description why the replaced outcome was wrong
             */
            reason: string;
            /**
             * Superseded At
             * @description when this outcome was corrected
             */
            superseded_at: string | null;
            /** Superseded By */
            superseded_by: string | null;
        };
        /**
         * RefusedDevices
         * @description The report of rows of which none is valid, as problem details.
         */
        RefusedDevices: {
            /**
             * Registration Id
             * @description under which the changes are recorded; null: no change
             */
            registration_id: string | null;
            /** Received */
            received: number;
            /** Changed */
            changed: number;
            /** Unchanged */
            unchanged: number;
            /** Rejected */
            rejected: number;
            /** Errors */
            errors: components["schemas"]["RowError"][];
            /** Type */
            type: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /** Correlation Id */
            correlation_id: string;
        };
        /**
         * RefusedOutcomes
         * @description The report of outcomes of which none is valid, as problem details.
         */
        RefusedOutcomes: {
            /** Received */
            received: number;
            /** Recorded */
            recorded: number;
            /** Duplicates */
            duplicates: number;
            /** Rejected */
            rejected: number;
            /** Errors */
            errors: components["schemas"]["OutcomeError"][];
            /**
             * Warnings
             * @description what looks wrong although each outcome is valid
             * @default []
             */
            warnings: string[];
            /** Type */
            type: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /** Correlation Id */
            correlation_id: string;
        };
        /**
         * RefusedReport
         * @description The report of a batch without a valid row, as problem details.
         */
        RefusedReport: {
            /**
             * Batch Id
             * Format: uuid
             */
            batch_id: string;
            /** Received */
            received: number;
            /** Accepted */
            accepted: number;
            /** Duplicates */
            duplicates: number;
            /** Rejected */
            rejected: number;
            /**
             * Late
             * @description accepted live rows that arrived later than the profile's limit
             */
            late: number;
            /** Errors */
            errors: components["schemas"]["RowError"][];
            /**
             * Ignored Columns
             * @description sent but not used: the platform computes them
             * @default []
             */
            ignored_columns: string[];
            /** Type */
            type: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /** Correlation Id */
            correlation_id: string;
        };
        /**
         * RegisterEntry
         * @description One recorded value of an attribute of a device, with who recorded it, when and why.
         */
        RegisterEntry: {
            /** Attribute */
            attribute: string;
            /**
             * Value
             * @description null: the value from this moment on is withdrawn
             */
            value: string | number | null;
            /**
             * Valid From
             * @description from when it holds; null: always
             */
            valid_from: string | null;
            /**
             * Recorded At
             * Format: date-time
             */
            recorded_at: string;
            /** Actor */
            actor: string;
            /** Reason */
            reason: string;
            /**
             * Registration Id
             * Format: uuid
             */
            registration_id: string;
        };
        /**
         * RegisterReport
         * @description Result of a request: changed + unchanged + rejected = received, counted by row.
         */
        RegisterReport: {
            /**
             * Registration Id
             * @description under which the changes are recorded; null: no change
             */
            registration_id: string | null;
            /** Received */
            received: number;
            /** Changed */
            changed: number;
            /** Unchanged */
            unchanged: number;
            /** Rejected */
            rejected: number;
            /** Errors */
            errors: components["schemas"]["RowError"][];
        };
        /** RegisteredPacemaker */
        RegisteredPacemaker: {
            /** Patient Id */
            patient_id: number;
            /**
             * Device
             * @description the device as people write it: its number or name
             */
            device: string;
            /**
             * Attributes
             * @description the known ones; dates in ISO 8601
             */
            attributes: {
                [key: string]: string | number;
            };
            /**
             * Changed At
             * Format: date-time
             * @description when the register last changed about it
             */
            changed_at: string;
        };
        /**
         * RejectsFormat
         * @description The formats of a rejects file.
         * @enum {string}
         */
        RejectsFormat: "csv" | "ndjson";
        /**
         * RowError
         * @description Why one row was not stored: `row` counts from 0 in the order of the request.
         */
        RowError: {
            /** Row */
            row: number;
            /** Field */
            field: string;
            /** Code */
            code: string;
            /** Message */
            message: string;
        };
        /**
         * Status
         * @description The status of an upload; `done`, `failed` and `cancelled` are final.
         * @enum {string}
         */
        Status: "queued" | "running" | "done" | "failed" | "cancelled";
        /** StoredPacemakerReading */
        StoredPacemakerReading: {
            /** Patient Id */
            patient_id: number;
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
             * @description the value of each signal
             */
            signals: {
                [key: string]: number;
            };
            label: components["schemas"]["LabelState"];
            /**
             * Late
             * @description it arrived late after its timestamp
             */
            late: boolean;
        };
        /** StoredPacemakerReadings */
        StoredPacemakerReadings: {
            /** Items */
            items: components["schemas"]["StoredPacemakerReading"][];
        };
        /**
         * TelemetrySummary
         * @description How much telemetry is stored.
         */
        TelemetrySummary: {
            /** Rows */
            rows: number;
            /** Devices */
            devices: number;
            /** Batches */
            batches: number;
            /** First Reading At */
            first_reading_at: string | null;
            /** Last Reading At */
            last_reading_at: string | null;
            /** Last Received At */
            last_received_at: string | null;
            /**
             * Rows Today
             * @description accepted since midnight UTC of fleet time
             */
            rows_today: number;
            /**
             * As Of
             * Format: date-time
             */
            as_of: string;
        };
        /**
         * UploadFinding
         * @description What was found in some rows of a file: `line` is the first one's, from 1, and `value` its cell.
         */
        UploadFinding: {
            /** Column */
            column: string;
            /** Code */
            code: string;
            /** Message */
            message: string;
            /** Count */
            count: number;
            /** Line */
            line: number;
            /** Value */
            value: string;
        };
        /**
         * UploadRecord
         * @description An upload: accepted + duplicates + rejected = rows_done. Stored rows stay, also if it fails or is cancelled.
         */
        UploadRecord: {
            /**
             * Upload Id
             * Format: uuid
             */
            upload_id: string;
            format: components["schemas"]["Format"];
            mode: components["schemas"]["Mode"];
            status: components["schemas"]["Status"];
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
            /** Finished At */
            finished_at: string | null;
            /** Actor */
            actor: string;
            /** Address */
            address: string;
            /** Correlation Id */
            correlation_id: string;
            /** Bytes Total */
            bytes_total: number;
            /** Bytes Done */
            bytes_done: number;
            /**
             * Rows Total
             * @description None until it is known
             */
            rows_total: number | null;
            /** Rows Done */
            rows_done: number;
            /** Accepted */
            accepted: number;
            /** Duplicates */
            duplicates: number;
            /** Rejected */
            rejected: number;
            /**
             * Late
             * @description accepted live rows that arrived late after their timestamp
             */
            late: number;
            /**
             * Codes
             * @description how often each error code was reported
             */
            codes: {
                [key: string]: number;
            };
            /**
             * First Reading At
             * @description time of the oldest accepted reading
             */
            first_reading_at: string | null;
            /**
             * Last Reading At
             * @description time of the newest accepted reading
             */
            last_reading_at: string | null;
            /**
             * Ignored Columns
             * @description columns that were ignored
             */
            ignored_columns: string[];
            /**
             * Dry Run
             * @description nothing is stored: `accepted` rows would be, unless they are already
             */
            dry_run: boolean;
            /**
             * Blank Rows
             * @description rows without any value; they are not counted otherwise
             */
            blank_rows: number;
            /**
             * Findings
             * @description what was found, by column and kind
             */
            findings: components["schemas"]["UploadFinding"][];
            /** Error Code */
            error_code: string | null;
            /**
             * Error
             * @description why it failed
             */
            error: string | null;
        };
        /** SentPacemakerReading */
        SentPacemakerReading: {
            /** Patient Id */
            patient_id: number | string;
            /**
             * Timestamp
             * @description Unix seconds, or ISO 8601
             * @example 1767225600
             */
            timestamp: number | string;
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
        /** PacemakerDeviceEntry */
        PacemakerDeviceEntry: {
            /** Patient Id */
            patient_id: number | string;
            /**
             * Valid From
             * @description from when the values hold; default: always
             * @default 0
             */
            valid_from: string | number;
            /**
             * Implanted At
             * @description implanted
             */
            implanted_at?: string | number | null;
            /**
             * Lead Model
             * @description lead model
             */
            lead_model?: string | null;
            /**
             * Vendor
             * @description vendor
             */
            vendor?: string | null;
            /**
             * Lot
             * @description lot
             */
            lot?: string | null;
            /**
             * Site
             * @description site
             */
            site?: string | null;
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
    ingestBatch: {
        parameters: {
            query?: {
                /** @description backfill stores history without scores or alerts */
                mode?: components["schemas"]["Mode"];
            };
            header?: {
                /** @description a repeat under the same key gets the first answer */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SentPacemakerReading"][];
                "application/vnd.apache.parquet": string;
                "application/vnd.apache.arrow.stream": string;
            };
        };
        responses: {
            /** @description Stored the rows that are valid and new */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IngestReport"];
                };
            };
            /** @description Not an array of 1 to 2000 rows, or no row is valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["RefusedReport"] | components["schemas"]["Problem"];
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
    listBatches: {
        parameters: {
            query?: {
                /** @description only what this user or key sent */
                actor?: string | null;
                /** @description only of this mode */
                mode?: components["schemas"]["Mode"] | null;
                /** @description only with this correlation id */
                correlation_id?: string | null;
                /** @description received at or after, fleet time */
                received_from?: string | number | null;
                /** @description received before, fleet time */
                received_before?: string | number | null;
                /** @description only where rows were rejected */
                with_rejects?: boolean;
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
                    "application/json": components["schemas"]["BatchRecordPage"];
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
    getBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the batch */
                batch_id: string;
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
                    "application/json": components["schemas"]["BatchRecord"];
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
    getTelemetrySummary: {
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
                    "application/json": components["schemas"]["TelemetrySummary"];
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
    listDeviceReadings: {
        parameters: {
            query?: {
                /** @description only readings at or after this time */
                from?: string | number;
                /** @description only readings at or before this time */
                to?: string | number;
                /** @description the maximum number of readings */
                limit?: number;
                /** @description csv: the same readings as a table */
                format?: components["schemas"]["ListFormat"];
            };
            header?: never;
            path: {
                /** @description the id of the device */
                device_id: number;
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
                    "application/json": components["schemas"]["StoredPacemakerReadings"];
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
    listRecentReadings: {
        parameters: {
            query?: {
                /** @description the maximum number of readings */
                limit?: number;
                /** @description csv: the same readings as a table */
                format?: components["schemas"]["ListFormat"];
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
                    "application/json": components["schemas"]["StoredPacemakerReadings"];
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
    listOutcomes: {
        parameters: {
            query?: {
                /** @description only of this device */
                device_id?: string | null;
                /** @description only of this kind */
                kind?: components["schemas"]["OutcomeKind"] | null;
                /** @description also outcomes that were corrected or withdrawn */
                history?: boolean;
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
                    "application/json": components["schemas"]["RecordedPacemakerOutcomePage"];
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
    recordOutcomes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PacemakerOutcome"][];
            };
        };
        responses: {
            /** @description Recorded the outcomes that are valid and new */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutcomeReport"];
                };
            };
            /** @description Not an array of 1 to 2000 rows, or no row is valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["RefusedOutcomes"] | components["schemas"]["Problem"];
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
    getOutcome: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the outcome */
                outcome_id: string;
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
                    "application/json": components["schemas"]["PacemakerOutcomeHistory"];
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
    correctOutcome: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the outcome */
                outcome_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PacemakerCorrection"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedPacemakerOutcome"];
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
    matureLabels: {
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
                    "application/json": components["schemas"]["LabelsMoved"];
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
    getLabelSummary: {
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
                    "application/json": components["schemas"]["LabelSummary"];
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
    listConnectivity: {
        parameters: {
            query?: {
                /** @description only devices in this state */
                state?: components["schemas"]["LinkState"] | null;
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
                    "application/json": components["schemas"]["PacemakerConnectivity"];
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
    listDevices: {
        parameters: {
            query?: {
                /** @description as the devices are at this moment; default: now */
                as_of?: string | number | null;
                /** @description only devices with `value` as this attribute, a text */
                attribute?: string | null;
                /** @description the value of `attribute` */
                value?: string | null;
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
                    "application/json": components["schemas"]["RegisteredPacemakerPage"];
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
    registerDevices: {
        parameters: {
            query?: {
                /** @description what separates the columns of a CSV */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description the decimal sign of a CSV */
                decimal?: "." | ",";
                /** @description the format of times that are no ISO 8601, as in strptime; else empty */
                time_format?: string;
                /** @description why the register changes; kept with every change */
                reason?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PacemakerDeviceEntry"][];
                "text/csv": string;
            };
        };
        responses: {
            /** @description Recorded what the valid rows say */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegisterReport"];
                };
            };
            /** @description Not 1 to 2000 rows, or no row is valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["RefusedDevices"] | components["schemas"]["Problem"];
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
    getDevice: {
        parameters: {
            query?: {
                /** @description as the devices are at this moment; default: now */
                as_of?: string | number | null;
            };
            header?: never;
            path: {
                /** @description the id of the device */
                device_id: number;
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
                    "application/json": components["schemas"]["RegisteredPacemaker"];
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
    changeDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the device */
                device_id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PacemakerDeviceChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegisteredPacemaker"];
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
    getDeviceHistory: {
        parameters: {
            query?: {
                /** @description page, from 1; at most 100,000 entries may be before it */
                page?: number;
                /** @description entries on a page */
                size?: number;
            };
            header?: never;
            path: {
                /** @description the id of the device */
                device_id: number;
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
                    "application/json": components["schemas"]["RegisterEntryPage"];
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
    listUploads: {
        parameters: {
            query?: {
                /** @description only what this user or key sent */
                actor?: string | null;
                /** @description only of this mode */
                mode?: components["schemas"]["Mode"] | null;
                /** @description only with this correlation id */
                correlation_id?: string | null;
                /** @description received at or after, fleet time */
                received_from?: string | number | null;
                /** @description received before, fleet time */
                received_before?: string | number | null;
                /** @description only where rows were rejected */
                with_rejects?: boolean;
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
                    "application/json": components["schemas"]["UploadRecordPage"];
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
    uploadFile: {
        parameters: {
            query: {
                /** @description what separates the columns of a CSV */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description the decimal sign of a CSV */
                decimal?: "." | ",";
                /** @description the format of times that are no ISO 8601, as in strptime; else empty */
                time_format?: string;
                /** @description format of the file */
                format: components["schemas"]["Format"];
                /** @description backfill stores history without scores or alerts */
                mode?: components["schemas"]["Mode"];
                /** @description only say what would be stored, left out and refused */
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadRecord"];
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
    getUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the upload */
                upload_id: string;
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
                    "application/json": components["schemas"]["UploadRecord"];
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
    cancelUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the upload */
                upload_id: string;
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
                    "application/json": components["schemas"]["UploadRecord"];
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
    getRejects: {
        parameters: {
            query?: {
                /** @description format of the response */
                format?: components["schemas"]["RejectsFormat"];
            };
            header?: never;
            path: {
                /** @description the id of the upload */
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Rejected rows: row (from 0, as in the file), field, code, message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
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
}

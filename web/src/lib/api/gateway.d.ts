// Generated from contracts/openapi by `npm run client`. Do not edit.

export interface paths {
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An access token for an e-mail address and its password; after too many attempts 429 with Retry-After
         * @description An access token for an e-mail address and its password; after too many attempts 429 with Retry-After.
         *
         *     401 `code_required` if the account has a second factor: log in again with a `code`.
         */
        post: operations["logIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new access token for the cookie, and a new cookie; each cookie can be used once
         * @description A new access token for the cookie, and a new cookie; each cookie can be used once.
         *
         *     The last one can be used again for 30 s, by a second tab or after a lost answer.
         */
        post: operations["refreshToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End the login that the cookie belongs to; its last access token expires within 15 minutes
         * @description End the login that the cookie belongs to; its last access token expires within 15 minutes.
         */
        post: operations["logOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The caller and the caller's scopes
         * @description The caller and the caller's scopes.
         */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change your own password
         * @description Change your own password. Your other logins and tokens end, and the keys you made.
         */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin a second factor, for superusers: its secret
         * @description Begin a second factor, for superusers: its secret. It counts once it is confirmed.
         */
        post: operations["beginTotp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm the second factor by its first code; from then on each login needs one
         * @description Confirm the second factor by its first code; from then on each login needs one. Your other logins end.
         */
        post: operations["confirmTotp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/totp/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove the second factor; the logins and tokens of the account end
         * @description Remove the second factor; the logins and tokens of the account end.
         *
         *     A superuser removes that of somebody else with PATCH /api/v1/users/{user_id}.
         */
        post: operations["removeTotp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Accounts by e-mail address
         * @description Accounts by e-mail address.
         */
        get: operations["listUsers"];
        put?: never;
        /**
         * Create an account
         * @description Create an account.
         */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete an account, its tokens, and the keys it made
         * @description Delete an account, its tokens, and the keys it made.
         */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /**
         * Change role or password, disable or enable; what ends the account's logins ends its tokens and keys, too
         * @description Change role or password, disable or enable; what ends the account's logins ends its tokens and keys, too.
         */
        patch: operations["changeUser"];
        trace?: never;
    };
    "/api/v1/security-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Logins, refusals, uses of keys and changes of accounts, newest first; `total` counts up to 10,000
         * @description Logins, refusals, uses of keys and changes of accounts, newest first; `total` counts up to 10,000.
         */
        get: operations["listSecurityEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Keys, newest first, without their tokens
         * @description Keys, newest first, without their tokens.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Create a key; only this response shows its token
         * @description Create a key; only this response shows its token. It ends with the account that made it.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/api-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a key; an id that is not known here is entered as revoked
         * @description Revoke a key; an id that is not known here is entered as revoked.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every event, from now on or after a given one, until the token expires, or a backup is restored
         * @description Every event, from now on or after a given one, until the token expires, or a backup is restored.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live/recent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The latest events, newest first
         * @description The latest events, newest first.
         */
        get: operations["listRecentEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The kind of device this deployment monitors
         * @description The kind of device this deployment monitors.
         */
        get: operations["getProfile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Fleet time and wall time
         * @description Fleet time and wall time.
         */
        get: operations["getClock"];
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
         * ApiKey
         * @description A key, without its token. In audits it is the actor `key:<id>`.
         */
        ApiKey: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Scopes */
            scopes: components["schemas"]["Scope"][];
            /**
             * Devices
             * @description the devices it is bound to; null: all
             */
            devices: components["schemas"]["DeviceRange"][] | null;
            /**
             * Sites
             * @description the sites it is bound to; null: all
             */
            sites: string[] | null;
            /**
             * Kid
             * @description id of the signing key; null: of a release that did not record it
             */
            kid: string | null;
            /** Created By */
            created_by: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Revoked At */
            revoked_at: string | null;
        };
        /**
         * AttributeKind
         * @description What the values of an attribute are; a date is a moment, in Unix seconds.
         * @enum {string}
         */
        AttributeKind: "text" | "date" | "number";
        /**
         * AttributeView
         * @description What the register of devices records of each device.
         */
        AttributeView: {
            /** Name */
            name: string;
            /** Label */
            label: string;
            kind: components["schemas"]["AttributeKind"];
        };
        /** Body_logIn */
        Body_logIn: {
            /** Username */
            username: string;
            /** Password */
            password: string;
            /**
             * Code
             * @description six digits, of an authenticator app
             * @default
             */
            code: string;
        };
        /**
         * ClockView
         * @description Fleet time, and its speed in fleet seconds per wall second.
         */
        ClockView: {
            /**
             * Fleet Time
             * Format: date-time
             */
            fleet_time: string;
            /** Speed */
            speed: number;
            /**
             * Wall Time
             * Format: date-time
             */
            wall_time: string;
        };
        /**
         * DeviceRange
         * @description Devices by their ids, both ends included.
         */
        DeviceRange: {
            /** First */
            first: number;
            /** Last */
            last: number;
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
         * IssuedApiKey
         * @description A new key with its token.
         */
        IssuedApiKey: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Scopes */
            scopes: components["schemas"]["Scope"][];
            /**
             * Devices
             * @description the devices it is bound to; null: all
             */
            devices: components["schemas"]["DeviceRange"][] | null;
            /**
             * Sites
             * @description the sites it is bound to; null: all
             */
            sites: string[] | null;
            /**
             * Kid
             * @description id of the signing key; null: of a release that did not record it
             */
            kid: string | null;
            /** Created By */
            created_by: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Revoked At */
            revoked_at: string | null;
            /**
             * Token
             * @description shown only in this response
             */
            token: string;
        };
        /**
         * LabelView
         * @description What the model predicts.
         */
        LabelView: {
            /** Name */
            name: string;
            /** Horizon Days */
            horizon_days: number;
        };
        /**
         * LiveEvent
         * @description One event with a summary of its data.
         */
        LiveEvent: {
            /** Seq */
            seq: number;
            /** Type */
            type: string;
            /** Subject */
            subject: string;
            /**
             * Time
             * Format: date-time
             */
            time: string;
            /** Correlation Id */
            correlation_id: string;
            /** Summary */
            summary: {
                [key: string]: unknown;
            };
        };
        /**
         * Me
         * @description The caller.
         */
        Me: {
            /**
             * Email
             * @description or key:<id> of an API key
             */
            email: string;
            /** Role */
            role: string;
            /** Scopes */
            scopes: string[];
        };
        /**
         * NewApiKey
         * @description A key to create.
         */
        NewApiKey: {
            /**
             * Name
             * @description unique among the keys that are not revoked
             */
            name: string;
            /** Scopes */
            scopes: components["schemas"]["Scope"][];
            /**
             * Devices
             * @description rows of other devices are rejected; null: all devices
             */
            devices?: components["schemas"]["DeviceRange"][] | null;
            /**
             * Sites
             * @description rows of devices that the register has at no such site at their time are rejected
             */
            sites?: string[] | null;
            /**
             * Days
             * @description days until it expires
             * @default 90
             */
            days: number;
        };
        /**
         * NewUser
         * @description An account to create.
         */
        NewUser: {
            /** Email */
            email: string;
            /** Password */
            password: string;
            /** @default viewer */
            role: components["schemas"]["Role"];
        };
        /** ApiKeyPage */
        ApiKeyPage: {
            /** Items */
            items: components["schemas"]["ApiKey"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** SecurityEventPage */
        SecurityEventPage: {
            /** Items */
            items: components["schemas"]["SecurityEvent"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /** UserPage */
        UserPage: {
            /** Items */
            items: components["schemas"]["User"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Size */
            size: number;
        };
        /**
         * PasswordChange
         * @description The caller's own password, old and new, and a code if the account needs one.
         */
        PasswordChange: {
            /** Old Password */
            old_password: string;
            /** New Password */
            new_password: string;
            /**
             * Code
             * @description six digits, of an authenticator app
             * @default
             */
            code: string;
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
         * ProfileView
         * @description The kind of device this deployment monitors.
         */
        ProfileView: {
            /** Name */
            name: string;
            /** Device Noun */
            device_noun: string;
            /** Device Field */
            device_field: string;
            /** Signals */
            signals: components["schemas"]["SignalView"][];
            /** Attributes */
            attributes: components["schemas"]["AttributeView"][];
            label: components["schemas"]["LabelView"];
            /** Cadence S */
            cadence_s: number;
            /** Daily Alert Budget */
            daily_alert_budget: number;
        };
        /**
         * RangeView
         * @description Closed interval, in the signal's unit.
         */
        RangeView: {
            /** Low */
            low: number;
            /** High */
            high: number;
        };
        /**
         * Recent
         * @description The latest events, newest first; the live stream continues after `last_seq`.
         *
         *     Numbers of another `epoch` mean nothing: a backup was restored, and numbers are given out again.
         */
        Recent: {
            /** Items */
            items: components["schemas"]["LiveEvent"][];
            /** Last Seq */
            last_seq: number;
            /** Epoch */
            epoch: string;
        };
        /**
         * Role
         * @description The role of an account; each may do all that the one before it may.
         * @enum {string}
         */
        Role: "viewer" | "operator" | "engineer" | "superuser";
        /**
         * Scope
         * @description One permission; every endpoint requires exactly one.
         * @enum {string}
         */
        Scope: "fleet:read" | "addresses:read" | "alerts:acknowledge" | "telemetry:write" | "outcomes:write" | "devices:write" | "training:run" | "models:manage" | "pipelines:report" | "alerts:dispatch" | "users:manage";
        /**
         * SecurityEvent
         * @description What happened, once or several times within an hour; its times are wall time.
         */
        SecurityEvent: {
            /** Number */
            number: number;
            /**
             * Kind
             * @description one of those that the filter `kind` takes
             */
            kind: string;
            /**
             * Actor
             * @description e-mail address, or key:<id>; empty if unknown
             */
            actor: string;
            /**
             * Address
             * @description of the client
             */
            address: string;
            /** Detail */
            detail: string;
            /** Count */
            count: number;
            /**
             * First At
             * Format: date-time
             */
            first_at: string;
            /**
             * Last At
             * Format: date-time
             */
            last_at: string;
            /**
             * Correlation Id
             * @description empty for events that are counted
             */
            correlation_id: string;
        };
        /**
         * SignalView
         * @description One signal; ingest rejects values outside `plausible`, the dashboard marks values outside `normal`.
         */
        SignalView: {
            /** Name */
            name: string;
            /** Label */
            label: string;
            /** Unit */
            unit: string;
            /** Decimals */
            decimals: number;
            normal: components["schemas"]["RangeView"];
            plausible: components["schemas"]["RangeView"];
        };
        /**
         * Token
         * @description An access token; the refresh token is in a cookie that no script can read.
         */
        Token: {
            /** Access Token */
            access_token: string;
            /**
             * Token Type
             * @default bearer
             */
            token_type: string;
            /**
             * Expires In
             * @description seconds
             */
            expires_in: number;
        };
        /**
         * TotpConfirmation
         * @description The first code of a second factor.
         */
        TotpConfirmation: {
            /**
             * Code
             * @description six digits, of an authenticator app
             */
            code: string;
        };
        /**
         * TotpRemoval
         * @description The caller's password, and a code.
         */
        TotpRemoval: {
            /** Password */
            password: string;
            /**
             * Code
             * @description six digits, of an authenticator app
             */
            code: string;
        };
        /**
         * TotpSecret
         * @description The secret of a second factor; only this response shows it.
         */
        TotpSecret: {
            /**
             * Secret
             * @description base32, to type into an authenticator app
             */
            secret: string;
            /**
             * Uri
             * @description otpauth://, to show as a QR code
             */
            uri: string;
        };
        /**
         * TotpStart
         * @description The caller's password.
         */
        TotpStart: {
            /** Password */
            password: string;
        };
        /**
         * User
         * @description An account.
         */
        User: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Email */
            email: string;
            role: components["schemas"]["Role"];
            /** Disabled At */
            disabled_at: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Has Totp
             * @description whether a login needs a code
             */
            has_totp: boolean;
        };
        /**
         * UserChange
         * @description The changes to an account; a field that is left out stays as it is.
         */
        UserChange: {
            role?: components["schemas"]["Role"] | null;
            /** Password */
            password?: string | null;
            /** Disabled */
            disabled?: boolean | null;
            /**
             * Reset Totp
             * @description true: a login needs no code any more; for a lost phone
             * @default false
             */
            reset_totp: boolean;
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
    logIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["Body_logIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
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
    refreshToken: {
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
                    "application/json": components["schemas"]["Token"];
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
    logOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
    getMe: {
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
                    "application/json": components["schemas"]["Me"];
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
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
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
    beginTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpStart"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TotpSecret"];
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
    confirmTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpConfirmation"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
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
    removeTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpRemoval"];
            };
        };
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
    listUsers: {
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
                    "application/json": components["schemas"]["UserPage"];
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
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
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
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the user */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
    changeUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the user */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
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
    listSecurityEvents: {
        parameters: {
            query?: {
                /** @description only of this kind */
                kind?: ("login" | "login_failed" | "code_required" | "wrong_code" | "refused" | "key_used" | "device_not_allowed" | "account_created" | "account_deleted" | "account_disabled" | "account_enabled" | "role_changed" | "password_changed" | "totp_enabled" | "totp_removed" | "key_created" | "key_revoked") | null;
                /** @description only of this user or key, in any case */
                actor?: string | null;
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
                    "application/json": components["schemas"]["SecurityEventPage"];
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
    listApiKeys: {
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
                    "application/json": components["schemas"]["ApiKeyPage"];
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
    createApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedApiKey"];
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
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of the key */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
    streamEvents: {
        parameters: {
            query?: {
                /** @description continue after this event */
                last_event_id?: number | null;
            };
            header?: {
                /** @description the same, as browsers send it */
                "Last-Event-ID"?: number | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description id: seq, event: type, data: JSON */
            200: {
                headers: {
                    /** @description as in live/recent: if it is another, start over */
                    "Stream-Epoch"?: string;
                    /** @description the event after which this stream continues */
                    "Stream-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
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
    listRecentEvents: {
        parameters: {
            query?: {
                /** @description the most events */
                limit?: number;
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
                    "application/json": components["schemas"]["Recent"];
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
    getProfile: {
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
                    "application/json": components["schemas"]["ProfileView"];
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
    getClock: {
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
                    "application/json": components["schemas"]["ClockView"];
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

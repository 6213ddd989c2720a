"""What the tables hold, said in the database."""

from pacewatch.contracts.profile import Profile
from pacewatch.kit import migrate
from pacewatch.kit.messaging import tables

revision = "0005"
down_revision = "0004"

COMMENTS = """
gateway: Accounts, tokens, API keys, security events, and the latest events for the live stream
users: Accounts of people
  id: UUID of the account
  email: E-mail address in small letters, the name at login
  role: viewer, operator, engineer or superuser
  password_hash: Argon2 hash with its parameters
  disabled_at: When the account was disabled, null while it is open
  created_at: When it was created, wall time
  epoch: How often its tokens were ended, a token of an earlier epoch is refused
  totp_secret: Secret of the second factor, null without one
  totp_confirmed_at: When the second factor was confirmed, from then on it counts
  totp_last_step: Time step of the last code that was used, none is accepted twice
refresh_tokens: Refresh tokens of logins, each can be used once
  token_hash: SHA-256 of the token
  family: UUID of the login that the token belongs to
  user_id: Account
  issued_at: When it was issued, wall time
  expires_at: Until when it is valid
  used_at: When it was exchanged, null before
  revoked_at: When its login ended, null before
  session_began_at: When the login began
login_attempts: Wrong passwords by account, of earlier releases
  account: E-mail address
  attempts: How many
  last_at: The last one
  blocked_until: Until when more are refused
login_throttle: Wrong passwords by account and address of the client
  account: E-mail address
  address: Address of the client
  attempts: How many
  last_at: The last one
  blocked_until: Until when more are refused
api_keys: API keys of devices, pipelines and programs, the token itself is not stored
  id: UUID of the key, the jti of its token
  name: Name that a person gave it
  scopes: What it may do
  created_by: E-mail address of who made it
  created_at: When it was made, wall time
  expires_at: Until when it is valid
  revoked_at: When it was revoked, null before
  creator_id: Account of who made it, the key ends with it
  devices: Ranges of device ids that it is bound to, null for all
  kid: Id of the key that signed its token
  sites: Sites of the register that it is bound to, null for all
live_events: The latest events of all services, as the live stream sends them
  seq: Number of the event in the stream
  type: Type of the event
  subject: What it is about
  time: When it was emitted, wall time
  correlation_id: Id of the request or event at the beginning of the chain
  summary: What the dashboard shows of it
security_events: Logins, refusals, uses of keys and changes of accounts
  number: Order of the events
  kind: What happened
  actor: E-mail address or key
  address: Address of the client
  detail: More about it, such as the route
  count: How often, for events that are counted by the hour
  first_at: The first one
  last_at: The last one
  hour: The hour for which it is counted, null for single events
  correlation_id: Id of the request, empty for counted events
revoked_accounts: Accounts whose tokens were ended before they expired
  account_id: Account
  epoch: Tokens of earlier epochs are refused
  expires_at: When the last such token expires
view revocations: Revoked keys and accounts whose tokens have not expired, every process reads them
  id: UUID of the key or the account
  epoch: For an account, tokens of earlier epochs are refused
view valid_api_keys: Keys that are neither revoked nor expired, every process reads them
  id: UUID of the key
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """A comment on the schema and on every table and column."""
    migrate.comment(schema, COMMENTS + tables.COMMENTS)

import type { LogLevel } from '@nestjs/common';
import type { AccountType } from 'nestjs-calls-export';
import { IsOptional, IsString, Matches, ValidateBy } from 'class-validator';
import {
  IsIntegerBetween,
  IsFileName,
  IsFlag,
  IsList,
  IsOneOf,
  IsOrigins,
  IsPostgresUrl,
  IsRedisUrl,
  IsUrlOf,
} from './setting-rules';

const SECRET_BYTES = 32;
const LOG_LEVELS: LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];

export const TRUST_PROXY_RULE =
  'TRUST_PROXY must be a number of proxies, or a comma-separated list of addresses, ranges such as ' +
  '10.0.0.0/8, or the names loopback, linklocal and uniquelocal';

/** The settings of the API. Each is read from the environment variable of the same name. */
export class Environment {
  /**
   * `production`, `development` or `test`. Default `development`. Production rejects the embedded database
   * and the demo key.
   */
  @IsOneOf(['production', 'development', 'test'])
  NODE_ENV?: string;

  /** The TCP port of the API; 0 picks a free one. Default 3000. */
  @IsIntegerBetween(0, 65535)
  PORT = 3000;

  /** The address that the API listens on. Default 127.0.0.1, which only this machine can reach. */
  @IsString()
  HOST = '127.0.0.1';

  /**
   * The proxies whose X-Forwarded-For is trusted: how many stand in front of the API, or their addresses
   * (`10.0.0.0/8, loopback`). Default none.
   */
  @IsOptional()
  @Matches(/^(\d{1,2}|(?!\d+$)[a-zA-Z\d.:/, ]+)$/, { message: TRUST_PROXY_RULE })
  TRUST_PROXY?: string;

  /** The origins whose web pages may read responses (CORS), separated by commas. Default none. */
  @IsOrigins()
  CORS_ORIGINS?: string;

  /** Whether Swagger UI is served. Default `true`, except in production. */
  @IsFlag()
  SWAGGER?: string;

  /** The lowest level that is logged. Default `log`; `warn` drops the lines for completed exports. */
  @IsOneOf(LOG_LEVELS)
  LOG_LEVEL: LogLevel = 'log';

  /** Whether `/metrics` is served, for Prometheus. Default `false`. */
  @IsFlag()
  METRICS = 'false';

  /** A separate TCP port for `/metrics`, which overrides METRICS; 0 picks a free one. Default none. */
  @IsOptional()
  @IsIntegerBetween(0, 65535)
  METRICS_PORT?: number;

  /** How long running exports may take to finish after a stop signal, in seconds. Default 30. */
  @IsIntegerBetween(0, 86_400)
  SHUTDOWN_GRACE = 30;

  /** The PostgreSQL server. Without it, an embedded one runs, except in production. */
  @IsPostgresUrl('postgres://user:password@host:5432/database')
  DATABASE_URL?: string;

  /** A read replica of DATABASE_URL that exports read from. Default none. */
  @IsPostgresUrl('postgres://user:password@replica:5432/database')
  DATABASE_READ_URL?: string;

  /** Whether exports start on the primary while the replica is unreachable. Default `false`: they fail. */
  @IsFlag()
  DATABASE_READ_FALLBACK = 'false';

  /** The maximum number of connections to each database. Default 10. */
  @IsIntegerBetween(1, 10_000)
  DATABASE_POOL_SIZE = 10;

  /**
   * The database's `statement_timeout`, in seconds. Default 30. It is sent as a startup parameter, which some
   * connection poolers reject: 0 does not send it.
   */
  @IsIntegerBetween(0, 3600)
  DATABASE_STATEMENT_TIMEOUT = 30;

  /**
   * Whether exports use binary COPY if the database supports it. Default `true`; `false` always reads rows.
   */
  @IsFlag()
  DATABASE_COPY = 'true';

  /**
   * The type of account ids: `integer`, `text` or `uuid`. Default `integer`. The migration creates the
   * columns with it.
   */
  @IsOneOf(['integer', 'text', 'uuid'])
  ACCOUNT_TYPE: AccountType = 'integer';

  /** The statuses that calls can have, separated by commas. Default: the library's. */
  @IsList('statuses', 'ongoing,completed,failed')
  CALL_STATUSES?: string;

  /** The name of the file, without its extension. Default `calls_export`. */
  @IsFileName()
  EXPORT_FILE_NAME = 'calls_export';

  /** The delimiter of CSV files: `,`, `;`, `|` or `tab`. Default `,`. */
  @IsOneOf([',', ';', '|', 'tab'], 'a comma, a semicolon, | or the word tab')
  EXPORT_DELIMITER: ',' | ';' | '|' | 'tab' = ',';

  /**
   * Whether CSV files start with a byte order mark, which older versions of Excel need to detect UTF-8.
   * Default `false`.
   */
  @IsFlag()
  EXPORT_BYTE_ORDER_MARK = 'false';

  /**
   * Whether CSV cells that a spreadsheet would run as formulas are escaped with an apostrophe. Default
   * `true`.
   */
  @IsFlag()
  EXPORT_FORMULA_GUARD = 'true';

  /** The maximum number of concurrent exports in this process. Default 32. */
  @IsIntegerBetween(1, 10_000)
  EXPORT_MAX_CONCURRENT = 32;

  /** The maximum number of concurrent exports of one account in this process. Default 4. */
  @IsIntegerBetween(1, 10_000)
  EXPORT_MAX_PER_ACCOUNT = 4;

  /** How many calls each page reads from the database. Default 5000. */
  @IsIntegerBetween(1, 50_000)
  EXPORT_PAGE_SIZE = 5000;

  /** The memory limit for the pages of all running exports together, in megabytes. Default 128. */
  @IsIntegerBetween(1, 1_000_000)
  EXPORT_PAGE_MEMORY = 128;

  /** How long to keep retrying a page while the database fails, in seconds. Default 20. */
  @IsIntegerBetween(0, 3600)
  EXPORT_RETRY_TIMEOUT = 20;

  /** How long a client may stop reading before its export is aborted, in seconds. Default 900. */
  @IsIntegerBetween(1, 86_400)
  EXPORT_IDLE_TIMEOUT = 900;

  /** The maximum duration of an export, in seconds. Default 3600. */
  @IsIntegerBetween(1, 86_400)
  EXPORT_MAX_DURATION = 3600;

  /** How long a HEAD request may count calls, in seconds; after that, the count is unknown. Default 10. */
  @IsIntegerBetween(1, 3600)
  EXPORT_COUNT_TIMEOUT = 10;

  /**
   * Whether HTTP/1.0 clients may export. Default `false`: over HTTP/1.0, a file truncated by a killed process
   * looks complete.
   */
  @IsFlag()
  EXPORT_HTTP_1_0 = 'false';

  /** The maximum number of requests a minute per address. Default 600. */
  @IsIntegerBetween(1, 1_000_000_000)
  RATE_LIMIT_PER_ADDRESS = 600;

  /** The maximum number of requests a minute per account. Default 60. */
  @IsIntegerBetween(1, 1_000_000_000)
  RATE_LIMIT_PER_ACCOUNT = 60;

  /** The Redis server in which all instances share their rate limits. Without it, each counts alone. */
  @IsRedisUrl('redis://user:password@host:6379')
  REDIS_URL?: string;

  /**
   * The HS256 key of the tokens. Without any key, a demo key is used, but only with the embedded database.
   */
  @IsOptional()
  @ValidateBy({
    name: 'isLongEnough',
    validator: {
      validate: (secret: string) => Buffer.byteLength(secret) >= SECRET_BYTES,
      defaultMessage: () => `JWT_SECRET must have at least ${SECRET_BYTES} bytes`,
    },
  })
  JWT_SECRET?: string;

  /**
   * The public key of the tokens, in PEM: RSA (RS256 to PS512), elliptic curve (ES256, ES384, ES512) or
   * Ed25519 (EdDSA).
   */
  @IsOptional()
  @IsString()
  JWT_PUBLIC_KEY?: string;

  /** The URL of a JSON Web Key Set with the public keys of the tokens. */
  @IsUrlOf(['https', 'http'], 'https://host/.well-known/jwks.json')
  JWT_JWKS_URI?: string;

  /** The required `iss` of a token. Default: any. */
  @IsOptional()
  @IsString()
  JWT_ISSUER?: string;

  /** The required `aud` of a token. Default: any. */
  @IsOptional()
  @IsString()
  JWT_AUDIENCE?: string;

  /** The claim that must contain JWT_AUDIENCE, such as `client_id` for Amazon Cognito. Default `aud`. */
  @IsString()
  JWT_AUDIENCE_CLAIM = 'aud';

  /** The claim that identifies the account, or the path to it, such as `org.id`. Default `account_id`. */
  @IsString()
  JWT_ACCOUNT_CLAIM = 'account_id';
}

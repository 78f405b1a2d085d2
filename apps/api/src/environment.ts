import type { LogLevel } from '@nestjs/common';
import type { AccountType } from 'nestjs-calls-export';
import { IsOptional, IsString, Matches, ValidateBy } from 'class-validator';
import {
  IsCount,
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
  'TRUST_PROXY must be a number of proxies, or their addresses, ranges such as 10.0.0.0/8, loopback, linklocal or uniquelocal, separated by commas';

/** The settings of the service, from the environment variables of the same names. */
export class Environment {
  /** `production`, `development` or `test`; default `development`. Production refuses what is for development only. */
  @IsOneOf(['production', 'development', 'test'])
  NODE_ENV?: string;

  /** The TCP port of the API; default 3000, 0 for any free one. */
  @IsCount(0, 65535)
  PORT = 3000;

  /** The address that the API listens on; default 127.0.0.1, which only this machine reaches. */
  @IsString()
  HOST = '127.0.0.1';

  /**
   * How many proxies stand in front of the API, or their addresses (`10.0.0.0/8, loopback`), whose X-Forwarded-For is believed;
   * default none.
   */
  @IsOptional()
  @Matches(/^(\d{1,2}|(?!\d+$)[a-zA-Z\d.:/, ]+)$/, { message: TRUST_PROXY_RULE })
  TRUST_PROXY?: string;

  /** The origins, separated by commas, whose web pages may read the API's answers; default none. */
  @IsOrigins()
  CORS_ORIGINS?: string;

  /** Whether Swagger UI is served; by default it is, except in production. */
  @IsFlag()
  SWAGGER?: string;

  /** What is logged: this and what is worse; default `log`. At `warn` no line tells of an export that completed. */
  @IsOneOf(LOG_LEVELS)
  LOG_LEVEL: LogLevel = 'log';

  /** Whether `/metrics` is there, for Prometheus; by default it is not. */
  @IsFlag()
  METRICS = 'false';

  /** The TCP port on which alone `/metrics` is served; default none, which leaves it to METRICS. 0 takes any free port. */
  @IsOptional()
  @IsCount(0, 65535)
  METRICS_PORT?: number;

  /** How many seconds running exports have to finish when the process is told to stop; default 30. */
  @IsCount(0, 86_400)
  SHUTDOWN_GRACE = 30;

  /** The PostgreSQL server; without it an embedded one runs, which production refuses. */
  @IsPostgresUrl('postgres://user:password@host:5432/database')
  DATABASE_URL?: string;

  /** A read replica of that server, from which exports are read; default none. */
  @IsPostgresUrl('postgres://user:password@replica:5432/database')
  DATABASE_READ_URL?: string;

  /** Whether exports begin on the primary while the replica can't be reached; default `false`: they fail until it is back. */
  @IsFlag()
  DATABASE_READ_FALLBACK = 'false';

  /** The most connections to each database at a time; default 10. */
  @IsCount(1, 10_000)
  DATABASE_POOL_SIZE = 10;

  /**
   * After how many seconds the database gives up a statement; default 30. It is a startup parameter of the connection, which some
   * connection poolers refuse: 0 sends none.
   */
  @IsCount(0, 3600)
  DATABASE_STATEMENT_TIMEOUT = 30;

  /**
   * Whether exports are read by binary COPY, if the database can; by default they are. `false` reads them as rows from the
   * start.
   */
  @IsFlag()
  DATABASE_COPY = 'true';

  /** What an account's id is: `integer`, `text` or `uuid`; default `integer`. The migration makes the columns so. */
  @IsOneOf(['integer', 'text', 'uuid'])
  ACCOUNT_TYPE: AccountType = 'integer';

  /** The statuses that calls may have, separated by commas; default those of the library. */
  @IsList('statuses', 'ongoing,completed,failed')
  CALL_STATUSES?: string;

  /** The name of the file, without its ending; default `calls_export`. */
  @IsFileName()
  EXPORT_FILE_NAME = 'calls_export';

  /** What separates the cells of a CSV file: `,`, `;`, `|` or `tab`; default `,`. */
  @IsOneOf([',', ';', '|', 'tab'], 'a comma, a semicolon, | or the word tab')
  EXPORT_DELIMITER: ',' | ';' | '|' | 'tab' = ',';

  /** Whether a CSV file begins with a byte order mark, by which older versions of Excel know UTF-8; default `false`. */
  @IsFlag()
  EXPORT_BYTE_ORDER_MARK = 'false';

  /** Whether texts of a CSV file that a spreadsheet would run as formulas begin with an apostrophe; default `true`. */
  @IsFlag()
  EXPORT_FORMULA_GUARD = 'true';

  /** How many exports run in this process at a time; default 32. */
  @IsCount(1, 10_000)
  EXPORT_MAX_CONCURRENT = 32;

  /** How many exports of one account run in this process at a time; default 4. */
  @IsCount(1, 10_000)
  EXPORT_MAX_PER_ACCOUNT = 4;

  /** How many calls are read from the database at a time; default 5000. */
  @IsCount(1, 50_000)
  EXPORT_PAGE_SIZE = 5000;

  /** How many megabytes the pages of all running exports take together at most; default 128. */
  @IsCount(1, 1_000_000)
  EXPORT_PAGE_MEMORY = 128;

  /** For how many seconds a page that can't be read, since the database fails, is tried again; default 20. */
  @IsCount(0, 3600)
  EXPORT_RETRY_TIMEOUT = 20;

  /** After how many seconds a client that takes nothing of its file is cut off; default 900. */
  @IsCount(1, 86_400)
  EXPORT_IDLE_TIMEOUT = 900;

  /** After how many seconds an export is cut off, however much its client takes; default 3600. */
  @IsCount(1, 86_400)
  EXPORT_MAX_DURATION = 3600;

  /** How many seconds a HEAD request may count calls, after which their number is unknown; default 10. */
  @IsCount(1, 3600)
  EXPORT_COUNT_TIMEOUT = 10;

  /** Whether an export may be asked for over HTTP/1.0, where a killed process makes a part of a file look whole; default `false`. */
  @IsFlag()
  EXPORT_HTTP_1_0 = 'false';

  /** How many requests a minute an address may send; default 600. */
  @IsCount(1, 1_000_000_000)
  RATE_LIMIT_PER_ADDRESS = 600;

  /** How many requests a minute an account may send; default 60. */
  @IsCount(1, 1_000_000_000)
  RATE_LIMIT_PER_ACCOUNT = 60;

  /** Where the instances count requests together; without it each counts for itself. */
  @IsRedisUrl('redis://user:password@host:6379')
  REDIS_URL?: string;

  /** The HS256 key of the tokens; without any key a demo one, with the embedded database alone. */
  @IsOptional()
  @ValidateBy({
    name: 'isLongEnough',
    validator: {
      validate: (secret: string) => Buffer.byteLength(secret) >= SECRET_BYTES,
      defaultMessage: () => `JWT_SECRET must have at least ${SECRET_BYTES} bytes`,
    },
  })
  JWT_SECRET?: string;

  /** The public key of the tokens, in PEM: RSA (RS256 to PS512), an elliptic curve (ES256, ES384, ES512) or Ed25519 (EdDSA). */
  @IsOptional()
  @IsString()
  JWT_PUBLIC_KEY?: string;

  /** Where the public keys of the tokens are published as a JSON Web Key Set. */
  @IsUrlOf(['https', 'http'], 'https://host/.well-known/jwks.json')
  JWT_JWKS_URI?: string;

  /** The `iss` that a token must have. */
  @IsOptional()
  @IsString()
  JWT_ISSUER?: string;

  /** The `aud` that a token must have. */
  @IsOptional()
  @IsString()
  JWT_AUDIENCE?: string;

  /** The claim that must have JWT_AUDIENCE, such as the `client_id` of Amazon Cognito's access tokens; default `aud`. */
  @IsString()
  JWT_AUDIENCE_CLAIM = 'aud';

  /** The claim that names the account, or the path to it, such as `org.id`; default `account_id`. */
  @IsString()
  JWT_ACCOUNT_CLAIM = 'account_id';
}

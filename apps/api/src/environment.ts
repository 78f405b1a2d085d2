import type { LogLevel } from '@nestjs/common';
import { plainToInstance, Transform } from 'class-transformer';
import { IsIn, IsOptional, Matches, ValidateBy, validateSync } from 'class-validator';

const SECRET_BYTES = 32;
const LOG_LEVELS: LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];

export const TRUST_PROXY_RULE =
  'TRUST_PROXY must be a number of proxies, or their addresses, ranges such as 10.0.0.0/8, loopback, linklocal or uniquelocal, separated by commas';

/** The settings of the service, from the environment variables of the same names. */
export class Environment {
  /** `production` refuses what is for development only, where it would be used. */
  NODE_ENV?: string;

  /** The TCP port of the API; default 3000, 0 for any free one. */
  @IsCount(0, 65535)
  PORT = 3000;

  /** The address that the API listens on; default 127.0.0.1, which only this machine reaches. */
  HOST = '127.0.0.1';

  /**
   * How many proxies stand in front of the API, or their addresses (`10.0.0.0/8, loopback`), whose X-Forwarded-For is believed;
   * default none.
   */
  @IsOptional()
  @Matches(/^(\d{1,2}|[a-zA-Z\d.:/, ]+)$/, { message: TRUST_PROXY_RULE })
  TRUST_PROXY?: string;

  /** The origins, separated by commas, whose web pages may read the API's answers; default none. */
  @IsOptional()
  @Matches(/^https?:\/\/[^/,\s]+(\s*,\s*https?:\/\/[^/,\s]+)*$/, {
    message: 'CORS_ORIGINS must be origins such as https://app.example.com, separated by commas',
  })
  CORS_ORIGINS?: string;

  /** Whether Swagger UI is served; by default it is, except in production. */
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'SWAGGER must be true or false' })
  SWAGGER?: string;

  /** What is logged: this and what is worse; default `log`. At `warn` no line tells of an export that completed. */
  @IsIn(LOG_LEVELS, { message: `LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL: LogLevel = 'log';

  /** Whether `/metrics` is there, for Prometheus; by default it is not. */
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'METRICS must be true or false' })
  METRICS?: string;

  /** The PostgreSQL server; without it an embedded one runs, which production refuses. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\/./, {
    message: 'DATABASE_URL must be a URL such as postgres://user:password@host:5432/database',
  })
  DATABASE_URL?: string;

  /** A read replica of that server, from which exports are read; default none. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\/./, {
    message:
      'DATABASE_READ_URL must be a URL such as postgres://user:password@replica:5432/database',
  })
  DATABASE_READ_URL?: string;

  /**
   * Whether exports are read by binary COPY, if the database can; by default they are. `false` reads them as rows from the
   * start.
   */
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'DATABASE_COPY must be true or false' })
  DATABASE_COPY?: string;

  /** The statuses that calls may have, separated by commas; default those of the library. */
  @IsOptional()
  @ValidateBy({
    name: 'isList',
    validator: {
      validate: (text: string) => listOf(text).every((item) => item !== ''),
      defaultMessage: () =>
        'CALL_STATUSES must be statuses separated by commas, such as ongoing,completed,failed, none of them empty',
    },
  })
  CALL_STATUSES?: string;

  /** After how many seconds the database gives up a statement; default 30. A page of an export takes milliseconds. */
  @IsCount(1, 3600)
  DATABASE_STATEMENT_TIMEOUT = 30;

  /** How many exports run in this process at a time; default 32. */
  @IsCount(1, 10_000)
  EXPORT_MAX_CONCURRENT = 32;

  /** How many exports of one account run in this process at a time; default 4. */
  @IsCount(1, 10_000)
  EXPORT_MAX_PER_ACCOUNT = 4;

  /** How many megabytes the pages of all running exports take together at most; default 128. */
  @IsCount(1, 1_000_000)
  EXPORT_PAGE_MEMORY = 128;

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
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'EXPORT_HTTP_1_0 must be true or false' })
  EXPORT_HTTP_1_0?: string;

  /** For how many seconds a page that can't be read, since the database fails, is tried again; default 20. */
  @IsCount(0, 3600)
  EXPORT_RETRY_TIMEOUT = 20;

  /** How many requests a minute an address may send; default 600. */
  @IsCount(1, 1_000_000_000)
  RATE_LIMIT_PER_ADDRESS = 600;

  /** How many requests a minute an account may send; default 60. */
  @IsCount(1, 1_000_000_000)
  RATE_LIMIT_PER_ACCOUNT = 60;

  /** Where the instances count requests together; without it each counts for itself. */
  @IsOptional()
  @Matches(/^rediss?:\/\/./, {
    message: 'REDIS_URL must be a URL such as redis://user:password@host:6379',
  })
  REDIS_URL?: string;

  /** How many seconds running exports have to finish when the process is told to stop; default 30. */
  @IsCount(0, 86_400)
  SHUTDOWN_GRACE = 30;

  /** The HS256 key of the tokens; without any key a demo one, which production refuses. */
  @IsOptional()
  @ValidateBy({
    name: 'isLongEnough',
    validator: {
      validate: (secret: string) => Buffer.byteLength(secret) >= SECRET_BYTES,
      defaultMessage: () => `JWT_SECRET must have at least ${SECRET_BYTES} bytes`,
    },
  })
  JWT_SECRET?: string;

  /** The RS256 or ES256 key of the tokens, in PEM. */
  JWT_PUBLIC_KEY?: string;

  /** Where the RS256 and ES256 keys of the tokens are published as a JSON Web Key Set. */
  @IsOptional()
  @Matches(/^https?:\/\/./, {
    message: 'JWT_JWKS_URI must be a URL such as https://host/.well-known/jwks.json',
  })
  JWT_JWKS_URI?: string;

  /** The `iss` that a token must have. */
  JWT_ISSUER?: string;

  /** The `aud` that a token must have. */
  JWT_AUDIENCE?: string;
}

const SETTINGS = [
  'NODE_ENV',
  'PORT',
  'HOST',
  'TRUST_PROXY',
  'CORS_ORIGINS',
  'SWAGGER',
  'LOG_LEVEL',
  'METRICS',
  'DATABASE_URL',
  'DATABASE_READ_URL',
  'DATABASE_COPY',
  'CALL_STATUSES',
  'DATABASE_STATEMENT_TIMEOUT',
  'EXPORT_MAX_CONCURRENT',
  'EXPORT_MAX_PER_ACCOUNT',
  'EXPORT_PAGE_MEMORY',
  'EXPORT_IDLE_TIMEOUT',
  'EXPORT_MAX_DURATION',
  'EXPORT_COUNT_TIMEOUT',
  'EXPORT_HTTP_1_0',
  'EXPORT_RETRY_TIMEOUT',
  'RATE_LIMIT_PER_ADDRESS',
  'RATE_LIMIT_PER_ACCOUNT',
  'REDIS_URL',
  'SHUTDOWN_GRACE',
  'JWT_SECRET',
  'JWT_PUBLIC_KEY',
  'JWT_JWKS_URI',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
] as const satisfies readonly (keyof Environment)[];

/** A number in decimal digits, from the least to the greatest that is accepted. */
function IsCount(min: number, max: number): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }) => (/^\d+$/.test(value) ? Number(value) : value))(target, property);
    ValidateBy({
      name: 'isCount',
      validator: {
        validate: (value) => Number.isInteger(value) && value >= min && value <= max,
        defaultMessage: () => `${String(property)} must be an integer from ${min} to ${max}`,
      },
    })(target, property);
  };
}

/** The items of a setting that are separated by commas. */
export function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|::1|localhost)$/.test(host);
}

/** A setting is wrong or missing; the message is one sentence that names it. */
export class EnvironmentError extends Error {}

/**
 * Reads the settings. An empty value counts as not set.
 *
 * @throws EnvironmentError
 */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const set = SETTINGS.filter((name) => variables[name]).map((name) => [name, variables[name]]);
  const environment = plainToInstance(Environment, Object.fromEntries(set));
  const [error] = validateSync(environment);
  if (error) throw new EnvironmentError(Object.values(error.constraints ?? {})[0]);
  return environment;
}

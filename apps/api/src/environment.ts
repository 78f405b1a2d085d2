import { plainToInstance, Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min, ValidateBy, validateSync } from 'class-validator';

/** Signs and verifies the tokens of a development machine. Everyone can read it here, so production refuses it. */
export const DEMO_JWT_SECRET = 'demo-secret-that-everyone-can-read';

const SECRET_BYTES = 32;

/** The settings of the service, from the environment variables of the same names. */
export class Environment {
  /** `production` refuses what is for development only, where it would be used. */
  NODE_ENV?: string;

  /** The TCP port of the API; default 3000, 0 for any free one. */
  @Transform(({ value }) => (/^\d+$/.test(value) ? Number(value) : value))
  @IsInt({ message: 'PORT must be an integer from 0 to 65535' })
  @Min(0, { message: 'PORT must be an integer from 0 to 65535' })
  @Max(65535, { message: 'PORT must be an integer from 0 to 65535' })
  PORT = 3000;

  /** The address that the API listens on; default 127.0.0.1, which only this machine reaches. */
  HOST = '127.0.0.1';

  /** The PostgreSQL server; without it an embedded one runs, which production refuses. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\/./, {
    message: 'DATABASE_URL must be a URL such as postgres://user:password@host:5432/database',
  })
  DATABASE_URL?: string;

  /** The HS256 key of the tokens; required in production. */
  @ValidateBy({
    name: 'isLongEnough',
    validator: {
      validate: (secret: string) => Buffer.byteLength(secret) >= SECRET_BYTES,
      defaultMessage: () => `JWT_SECRET must have at least ${SECRET_BYTES} bytes`,
    },
  })
  JWT_SECRET = DEMO_JWT_SECRET;

  /** The `iss` that a token must have. */
  JWT_ISSUER?: string;

  /** The `aud` that a token must have. */
  JWT_AUDIENCE?: string;
}

const SETTINGS = [
  'NODE_ENV',
  'PORT',
  'HOST',
  'DATABASE_URL',
  'JWT_SECRET',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
] as const satisfies readonly (keyof Environment)[];

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

import type { TokenSettings } from '@calls/auth';
import { DEMO_JWT_SECRET, type Environment, EnvironmentError } from './environment';

/** @throws EnvironmentError in production without a secret of its own. */
export function tokenSettings(environment: Environment): TokenSettings {
  const { NODE_ENV, JWT_SECRET, JWT_ISSUER, JWT_AUDIENCE } = environment;
  if (NODE_ENV === 'production' && JWT_SECRET === DEMO_JWT_SECRET) {
    throw new EnvironmentError(
      'JWT_SECRET is required in production: at least 32 bytes that nobody can guess',
    );
  }
  return { secret: JWT_SECRET, issuer: JWT_ISSUER, audience: JWT_AUDIENCE };
}

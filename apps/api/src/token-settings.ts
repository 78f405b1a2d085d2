import type { TokenSettings } from '@calls/auth';
import type { Environment } from './environment';

export function tokenSettings({
  JWT_SECRET,
  JWT_ISSUER,
  JWT_AUDIENCE,
}: Environment): TokenSettings {
  return { secret: JWT_SECRET, issuer: JWT_ISSUER, audience: JWT_AUDIENCE };
}

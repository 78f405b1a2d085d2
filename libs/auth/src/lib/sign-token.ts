import { sign } from 'jsonwebtoken';
import { ALGORITHM, type TokenSettings } from './token-settings';

/**
 * A token for an account's calls.
 *
 * @param lifetime in seconds.
 */
export function signToken(settings: TokenSettings, accountId: number, lifetime: number): string {
  return sign({ account_id: accountId }, settings.secret, {
    algorithm: ALGORITHM,
    expiresIn: lifetime,
    ...(settings.issuer !== undefined && { issuer: settings.issuer }),
    ...(settings.audience !== undefined && { audience: settings.audience }),
  });
}

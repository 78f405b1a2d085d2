import { sign } from 'jsonwebtoken';
import type { TokenSettings } from './token-settings';

/**
 * A token for an account's calls, signed with HS256.
 *
 * @param settings with the secret, and the issuer and audience that the token names.
 * @param lifetime in seconds.
 */
export function signToken(
  settings: Omit<TokenSettings, 'key'> & { readonly key: { readonly secret: string } },
  accountId: number | string,
  lifetime: number,
): string {
  return sign({ account_id: accountId }, settings.key.secret, {
    algorithm: 'HS256',
    expiresIn: lifetime,
    ...(settings.issuer !== undefined && { issuer: settings.issuer }),
    ...(settings.audience !== undefined && { audience: settings.audience }),
  });
}

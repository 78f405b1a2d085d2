import { SignJWT } from 'jose';
import type { TokenSettings } from './token-settings';

/**
 * Signs a token for an account with HS256.
 *
 * @param settings the secret, issuer, audience and claim names.
 * @param lifetime in seconds.
 */
export function signToken(
  settings: Omit<TokenSettings, 'key'> & { readonly key: { readonly secret: string } },
  account: number | string,
  lifetime: number,
): Promise<string> {
  const { key, issuer, audience, audienceClaim = 'aud', accountClaim = 'account_id' } = settings;
  const token = new SignJWT({
    [accountClaim]: account,
    ...(issuer !== undefined && { iss: issuer }),
    ...(audience !== undefined && { [audienceClaim]: audience }),
  });
  return token
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + lifetime)
    .sign(new TextEncoder().encode(key.secret));
}

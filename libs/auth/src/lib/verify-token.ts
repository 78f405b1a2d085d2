import type { KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { algorithmsOf, PUBLIC_KEY_ALGORITHMS } from './algorithms';
import { claimAt } from './claim-at';
import { KeyServer } from './key-server';
import { plainRsaKey } from './plain-rsa-key';
import { type RefusalReason, TokenRefused } from './token-refused';
import type { TokenKey, TokenSettings } from './token-settings';

/** How much the clocks of the issuer and of this machine may differ. */
const CLOCK_SKEW_SECONDS = 5;

/**
 * Verifies a token and returns its claims.
 *
 * @throws TokenRefused if the token is invalid.
 * @throws ServiceUnavailableException if the key server fails.
 */
export type TokenVerifier = (token: string) => Promise<JWTPayload>;

/** Creates a verifier for the settings. */
export function tokenVerifier({
  key,
  issuer,
  audience,
  audienceClaim = 'aud',
}: TokenSettings): TokenVerifier {
  const findKeys = keyFinder(key);
  return async (token) => {
    const { alg, kid } = headerOf(token);
    const claims = await claimsOf(token, alg, await findKeys(alg, kid));
    // JSON numbers such as 1e999 parse to Infinity.
    if (!Number.isFinite(claims.exp)) throw new TokenRefused('no_expiry');
    if (issuer !== undefined && claims.iss !== issuer) throw new TokenRefused('issuer');
    if (audience !== undefined && ![claimAt(claims, audienceClaim)].flat().includes(audience)) {
      throw new TokenRefused('audience');
    }
    return claims;
  };
}

/** Finds the keys for a token. Throws TokenRefused if the algorithm does not fit them. */
type KeyFinder = (
  algorithm: string,
  kid: string | undefined,
) => Promise<readonly (KeyObject | Uint8Array)[]>;

function keyFinder(key: TokenKey): KeyFinder {
  if ('secret' in key) return singleKey(new TextEncoder().encode(key.secret), ['HS256']);
  if ('publicKey' in key)
    return singleKey(forWebCrypto(key.publicKey), algorithmsOf(key.publicKey));
  const server = new KeyServer(key.jwksUri);
  return async (algorithm, kid) => {
    if (!PUBLIC_KEY_ALGORITHMS.includes(algorithm)) throw new TokenRefused('algorithm');
    return server.find(algorithm, kid);
  };
}

function singleKey(key: KeyObject | Uint8Array, algorithms: readonly string[]): KeyFinder {
  return async (algorithm) => {
    if (!algorithms.includes(algorithm)) throw new TokenRefused('algorithm');
    return [key];
  };
}

function forWebCrypto(key: KeyObject): KeyObject {
  return key.asymmetricKeyType === 'rsa-pss' ? plainRsaKey(key) : key;
}

/** Reads the header of a signed token, before the signature is verified. */
function headerOf(token: string): { alg: string; kid: string | undefined } {
  let header: Record<string, unknown>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    throw new TokenRefused('malformed');
  }
  // Critical extensions must be refused, as none is supported (RFC 7515, section 4.1.11; RFC 7797, section
  // 6).
  if ('crit' in header || ('b64' in header && header['b64'] !== true)) {
    throw new TokenRefused('critical');
  }
  const { alg, kid } = header;
  const isSigned = token.split('.').length === 3;
  if (!isSigned || typeof alg !== 'string' || (kid !== undefined && typeof kid !== 'string')) {
    throw new TokenRefused('malformed');
  }
  return { alg, kid };
}

async function claimsOf(
  token: string,
  algorithm: string,
  keys: readonly (KeyObject | Uint8Array)[],
): Promise<JWTPayload> {
  for (const key of keys) {
    try {
      const options = { algorithms: [algorithm], clockTolerance: CLOCK_SKEW_SECONDS };
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      const isOtherKey = error instanceof errors.JWSSignatureVerificationFailed;
      if (!isOtherKey) throw new TokenRefused(reasonOf(error));
    }
  }
  throw new TokenRefused('signature');
}

function reasonOf(error: unknown): RefusalReason {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed && error.reason === 'check_failed') {
    return 'not_yet_valid';
  }
  return 'malformed';
}

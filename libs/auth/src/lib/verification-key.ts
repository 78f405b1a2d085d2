import { KeyObject } from 'node:crypto';
import { ServiceUnavailableException } from '@nestjs/common';
import type { Algorithm } from 'jsonwebtoken';
import { createRemoteJWKSet, decodeProtectedHeader, errors } from 'jose';
import type { TokenKey } from './token-settings';

/** A key is asked for by the token as it came, before anything in it is verified. */
type KeyProvider = (token: string) => Promise<string | KeyObject>;

/** The algorithm of a public key, or undefined where it has none that is accepted. */
export function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === 'rsa') return 'RS256';
  const isP256 = asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return isP256 ? 'ES256' : undefined;
}

/**
 * What verifies a token: a key, and the algorithms that go with its kind alone. Without that pin a public key, which
 * everybody has, would be accepted as the secret of an HMAC.
 */
export function verification(key: TokenKey): { algorithms: Algorithm[]; keyOf: KeyProvider } {
  if ('secret' in key) return { algorithms: ['HS256'], keyOf: async () => key.secret };
  if ('publicKey' in key) {
    const algorithm = algorithmOf(key.publicKey);
    return { algorithms: algorithm ? [algorithm] : [], keyOf: async () => key.publicKey };
  }
  return { algorithms: ['RS256', 'ES256'], keyOf: remoteKeys(key.jwksUri) };
}

/**
 * The keys of a key server. They are kept for ten minutes; a token that names another key has them fetched again, but at most
 * every 30 seconds, so that the server's rotation is followed and tokens that are made up do not burden it.
 */
function remoteKeys(uri: string): KeyProvider {
  const keys = createRemoteJWKSet(new URL(uri), {
    cacheMaxAge: 10 * 60_000,
    cooldownDuration: 30_000,
    timeoutDuration: 5_000,
  });
  return async (token) => {
    const header = decodeProtectedHeader(token);
    try {
      return KeyObject.from(await keys({ alg: '', ...header }));
    } catch (error) {
      const isOfToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      if (isOfToken) throw error;
      throw new ServiceUnavailableException(
        'The server of the keys that verify tokens does not answer: try again soon',
        { cause: error },
      );
    }
  };
}

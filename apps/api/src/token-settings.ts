import { createPublicKey, type KeyObject } from 'node:crypto';
import { algorithmsOf, type TokenKey, type TokenSettings } from '@calls/auth';
import type { Environment } from './environment';
import { EnvironmentError, isLoopback } from './read-environment';

/** The key of the tokens in development. It is public, so it is only accepted with the embedded database. */
export const DEMO_JWT_SECRET = 'demo-secret-that-everyone-can-read';

/**
 * Returns how tokens are verified.
 *
 * @throws EnvironmentError if a key is missing or invalid, there are several keys, or JWT_AUDIENCE is
 *   missing.
 */
export function tokenSettings(environment: Environment): TokenSettings {
  return {
    key: tokenKey(environment),
    issuer: environment.JWT_ISSUER,
    ...audience(environment),
    accountClaim: environment.JWT_ACCOUNT_CLAIM,
  };
}

/**
 * Returns how the commands sign tokens.
 *
 * @throws EnvironmentError if tokens are verified by a public key.
 */
export function signingSettings(environment: Environment) {
  const { key, ...settings } = tokenSettings(environment);
  if ('secret' in key) return { ...settings, key };
  throw new EnvironmentError(
    'JWT_SECRET is required to sign tokens: with JWT_PUBLIC_KEY or JWT_JWKS_URI, your identity provider signs them',
  );
}

function audience({ JWT_AUDIENCE, JWT_AUDIENCE_CLAIM }: Environment) {
  if (JWT_AUDIENCE === undefined && JWT_AUDIENCE_CLAIM !== 'aud') {
    throw new EnvironmentError(
      `JWT_AUDIENCE is required if JWT_AUDIENCE_CLAIM is set: it is the expected value of the claim ${JWT_AUDIENCE_CLAIM}`,
    );
  }
  return { audience: JWT_AUDIENCE, audienceClaim: JWT_AUDIENCE_CLAIM };
}

function tokenKey({
  NODE_ENV,
  HOST,
  DATABASE_URL,
  JWT_SECRET,
  JWT_PUBLIC_KEY,
  JWT_JWKS_URI,
}: Environment): TokenKey {
  const keys: TokenKey[] = [
    ...(JWT_SECRET !== undefined ? [{ secret: JWT_SECRET }] : []),
    ...(JWT_PUBLIC_KEY !== undefined ? [{ publicKey: publicKey(JWT_PUBLIC_KEY) }] : []),
    ...(JWT_JWKS_URI !== undefined ? [{ jwksUri: JWT_JWKS_URI }] : []),
  ];
  if (keys.length > 1) {
    throw new EnvironmentError(
      'JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URI are mutually exclusive: set only one of them',
    );
  }
  const [key = { secret: DEMO_JWT_SECRET }] = keys;
  const isDemo = 'secret' in key && key.secret === DEMO_JWT_SECRET;
  const isDevelopment = DATABASE_URL === undefined && NODE_ENV !== 'production' && isLoopback(HOST);
  if (isDemo && !isDevelopment) {
    throw new EnvironmentError(
      'JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URI is required if DATABASE_URL is set, in production, or if ' +
        'HOST is not a loopback address: a random secret of at least 32 bytes, a PEM public key, or the URL ' +
        'of a JSON Web Key Set',
    );
  }
  return key;
}

/**
 * Parses a public key. Line breaks may be written as `\n`, because environment files have single-line values.
 *
 * @throws EnvironmentError if it is not a supported public key.
 */
function publicKey(pem: string): KeyObject {
  // createPublicKey() also accepts a private key, which must not be deployed here.
  if (!/PRIVATE KEY/.test(pem)) {
    try {
      const key = createPublicKey(pem.replaceAll('\\n', '\n'));
      if (algorithmsOf(key).length > 0) return key;
    } catch {
      // Reported below.
    }
  }
  throw new EnvironmentError(
    'JWT_PUBLIC_KEY must be a public key in PEM: RSA of at least 2048 bits, an elliptic curve (P-256, P-384 or P-521), or Ed25519',
  );
}

import { createPublicKey, type KeyObject } from 'node:crypto';
import { algorithmsOf, type TokenKey, type TokenSettings } from '@calls/auth';
import type { Environment } from './environment';
import { EnvironmentError, isLoopback } from './read-environment';

/** Signs and verifies the tokens of a development machine. Everyone can read it here, so it opens the embedded database alone. */
export const DEMO_JWT_SECRET = 'demo-secret-that-everyone-can-read';

/** @throws EnvironmentError if there is more than one key, none where one is required, or a setting that does not fit. */
export function tokenSettings(environment: Environment): TokenSettings {
  return {
    key: tokenKey(environment),
    issuer: environment.JWT_ISSUER,
    ...audience(environment),
    accountClaim: environment.JWT_ACCOUNT_CLAIM,
  };
}

/**
 * For what signs tokens itself, which takes a secret.
 *
 * @throws EnvironmentError where tokens are verified by a public key.
 */
export function signingSettings(environment: Environment) {
  const { key, ...settings } = tokenSettings(environment);
  if ('secret' in key) return { ...settings, key };
  throw new EnvironmentError(
    'JWT_SECRET is needed to sign a token; with JWT_PUBLIC_KEY or JWT_JWKS_URI tokens come from elsewhere',
  );
}

function audience({ JWT_AUDIENCE, JWT_AUDIENCE_CLAIM }: Environment) {
  if (JWT_AUDIENCE === undefined && JWT_AUDIENCE_CLAIM !== 'aud') {
    throw new EnvironmentError(
      `JWT_AUDIENCE is required where JWT_AUDIENCE_CLAIM is set: it is what the claim ${JWT_AUDIENCE_CLAIM} must be`,
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
      'JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URI exclude each other: only one of them may be set',
    );
  }
  const [key = { secret: DEMO_JWT_SECRET }] = keys;
  const isDemo = 'secret' in key && key.secret === DEMO_JWT_SECRET;
  const isDevelopment = DATABASE_URL === undefined && NODE_ENV !== 'production' && isLoopback(HOST);
  if (isDemo && !isDevelopment) {
    throw new EnvironmentError(
      'JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URI is required where DATABASE_URL is set, in production, and where HOST is not a loopback address: a secret of at least 32 bytes that nobody can guess, a PEM public key, or the URL of a key set',
    );
  }
  return key;
}

/** @param pem with line breaks, or with `\n` in their place where an environment file has none. */
function publicKey(pem: string): KeyObject {
  // A private key would be taken as well, for the public one in it; but it does not belong here.
  if (!/PRIVATE KEY/.test(pem)) {
    try {
      const key = createPublicKey(pem.replaceAll('\\n', '\n'));
      if (algorithmsOf(key).length > 0) return key;
    } catch {
      // Said below.
    }
  }
  throw new EnvironmentError(
    'JWT_PUBLIC_KEY must be a public key in PEM: RSA of at least 2048 bits, an elliptic curve (P-256, P-384 or P-521), or Ed25519',
  );
}

import { createPublicKey, type KeyObject } from 'node:crypto';
import { algorithmOf, type TokenKey, type TokenSettings } from '@calls/auth';
import type { Environment } from './environment';
import { EnvironmentError, isLoopback } from './read-environment';

/** Signs and verifies the tokens of a development machine. Everyone can read it here, so production refuses it. */
export const DEMO_JWT_SECRET = 'demo-secret-that-everyone-can-read';

/** @throws EnvironmentError where there is more than one key, a key of another kind, or in production none. */
export function tokenSettings(environment: Environment): TokenSettings {
  return {
    key: tokenKey(environment),
    issuer: environment.JWT_ISSUER,
    audience: environment.JWT_AUDIENCE,
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

function tokenKey({
  NODE_ENV,
  HOST,
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
  if (isDemo && (NODE_ENV === 'production' || !isLoopback(HOST))) {
    throw new EnvironmentError(
      'JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URI is required in production, and where HOST is not a loopback address: a secret of at least 32 bytes that nobody can guess, a PEM public key, or the URL of a key set',
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
      if (algorithmOf(key)) return key;
    } catch {
      // Said below.
    }
  }
  throw new EnvironmentError(
    'JWT_PUBLIC_KEY must be a public key in PEM, of RSA or of the elliptic curve P-256',
  );
}

import type { KeyObject } from 'node:crypto';

/** The key that verifies access tokens; its kind decides on the algorithms that are accepted. */
export type TokenKey =
  /** HS256, at least 32 bytes (RFC 7518, section 3.2). */
  | { readonly secret: string }
  /** RS256 or ES256, after the kind of the key. */
  | { readonly publicKey: KeyObject }
  /** RS256 or ES256, after the kind of the key of the set (RFC 7517) that the token names. */
  | { readonly jwksUri: string };

/** How access tokens are signed and what they must say. */
export interface TokenSettings {
  readonly key: TokenKey;
  /** The `iss` that a token must have; without it any will do. */
  readonly issuer?: string;
  /** The `aud` that a token must have; without it any will do. */
  readonly audience?: string;
}

export const TOKEN_SETTINGS = Symbol('TOKEN_SETTINGS');

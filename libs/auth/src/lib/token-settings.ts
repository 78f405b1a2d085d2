import type { KeyObject } from 'node:crypto';

/** The key that verifies access tokens. Its kind decides which algorithms are accepted. */
export type TokenKey =
  /** HS256, at least 32 bytes (RFC 7518, section 3.2). */
  | { readonly secret: string }
  /** RSA, an elliptic curve or Ed25519: see `algorithmsOf`. */
  | { readonly publicKey: KeyObject }
  /** The address of a JSON Web Key Set (RFC 7517), from which each token names its key. */
  | { readonly jwksUri: string };

/** How access tokens are signed and what they must say. */
export interface TokenSettings {
  readonly key: TokenKey;
  /** The `iss` that a token must have. Default: any. */
  readonly issuer?: string;
  /** What the audience claim must be or contain. Default: anything. */
  readonly audience?: string;
  /** The claim that must have the audience. Default `aud`. */
  readonly audienceClaim?: string;
  /** The claim in which a signed token names the account. Default `account_id`. */
  readonly accountClaim?: string;
}

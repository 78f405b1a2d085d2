import type { KeyObject } from 'node:crypto';

/** The key that verifies access tokens. Its type determines the accepted algorithms. */
export type TokenKey =
  /** HS256, at least 32 bytes (RFC 7518, section 3.2). */
  | { readonly secret: string }
  /** RSA, elliptic curve or Ed25519: see `algorithmsOf`. */
  | { readonly publicKey: KeyObject }
  /** The URL of a JSON Web Key Set (RFC 7517). Tokens select a key by its id. */
  | { readonly jwksUri: string };

/** How access tokens are signed, and the claims that they must have. */
export interface TokenSettings {
  readonly key: TokenKey;
  /** The required `iss`. Default: any. */
  readonly issuer?: string;
  /** The value that the audience claim must equal or contain. Default: any. */
  readonly audience?: string;
  /** The claim that contains the audience. Default `aud`. */
  readonly audienceClaim?: string;
  /** The claim that identifies the account. Default `account_id`. */
  readonly accountClaim?: string;
}

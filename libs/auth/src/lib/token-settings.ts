/** How access tokens are signed and what they must say. */
export interface TokenSettings {
  /** The HS256 key, at least 32 bytes (RFC 7518, section 3.2). */
  readonly secret: string;
  /** The `iss` that a token must have; without it any will do. */
  readonly issuer?: string;
  /** The `aud` that a token must have; without it any will do. */
  readonly audience?: string;
}

/** The one algorithm that is signed with and accepted: without a pin, every HMAC size would verify. */
export const ALGORITHM = 'HS256';

export const TOKEN_SETTINGS = Symbol('TOKEN_SETTINGS');

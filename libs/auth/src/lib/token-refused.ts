/** Why a request without a good token is refused. */
export type RefusalReason =
  | 'missing'
  | 'malformed'
  | 'critical'
  | 'algorithm'
  | 'unknown_key'
  | 'signature'
  | 'expired'
  | 'not_yet_valid'
  | 'no_expiry'
  | 'issuer'
  | 'audience';

/** A token is not accepted. */
export class TokenRefused extends Error {
  constructor(readonly reason: RefusalReason) {
    super(`Refused a bearer token: ${reason}`);
  }
}

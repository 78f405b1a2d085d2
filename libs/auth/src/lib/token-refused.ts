/** Why a token is refused. */
export const REFUSAL_REASONS = [
  'missing',
  'malformed',
  'critical',
  'algorithm',
  'unknown_key',
  'signature',
  'expired',
  'not_yet_valid',
  'no_expiry',
  'issuer',
  'audience',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** A token is missing or invalid. */
export class TokenRefused extends Error {
  constructor(readonly reason: RefusalReason) {
    super(`Refused a bearer token: ${reason}`);
  }
}

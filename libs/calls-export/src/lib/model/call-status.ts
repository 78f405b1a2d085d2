/**
 * The standard call statuses: Twilio's
 * (https://www.twilio.com/docs/voice/api/call-resource#call-status-values), and `ongoing`, which other
 * systems use for `in-progress`.
 *
 * @publicApi
 */
export const CALL_STATUSES = [
  'queued',
  'initiated',
  'ringing',
  'in-progress',
  'ongoing',
  'completed',
  'busy',
  'failed',
  'no-answer',
  'canceled',
] as const;

/**
 * A standard call status.
 *
 * @publicApi
 */
export type CallStatus = (typeof CALL_STATUSES)[number];

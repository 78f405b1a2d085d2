/**
 * The states of a call: Twilio's (https://www.twilio.com/docs/voice/api/call-resource#call-status-values), and `ongoing`, which other
 * systems have for `in-progress`.
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

export type CallStatus = (typeof CALL_STATUSES)[number];

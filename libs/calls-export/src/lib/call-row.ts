/** A call as it is exported: the keys and their order are the contract. */
export interface CallRow {
  /** A bigint, as text. */
  id: string;
  call_sid: string;
  assistant_name: string | null;
  customer_phone_number: string | null;
  status: string;
  /** In whole seconds. */
  duration: number | null;
  /** In UTC, cut to the second, as `2023-10-30T10:00:00`. */
  started_at: string | null;
  ended_at: string | null;
}

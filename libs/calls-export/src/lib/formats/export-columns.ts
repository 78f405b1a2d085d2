import type { AssistantField, CallField } from '../entities/mapped-entity';
import type { ExportColumn } from '../model/export-column';

/**
 * The key of a standard column.
 *
 * @publicApi
 */
export type StandardColumnKey =
  | 'id'
  | 'call_sid'
  | 'assistant_name'
  | 'customer_phone_number'
  | 'status'
  | 'duration'
  | 'started_at'
  | 'ended_at';

/** A column that is read from a mapped field. */
type StandardColumn = ExportColumn & { readonly key: StandardColumnKey } & (
    | { readonly of: 'call'; readonly field: CallField }
    | { readonly of: 'assistant'; readonly field: AssistantField }
  );

/**
 * The standard columns, in the order of the file. The single source for queries, encoders, CSV headers and
 * the OpenAPI document.
 */
export const EXPORT_COLUMNS: readonly StandardColumn[] = [
  {
    key: 'id',
    title: 'Call ID',
    of: 'call',
    field: 'id',
    kind: 'integer',
    nullable: false,
    description: 'The id of the call. It may exceed 2^53: read it as a 64-bit integer or as text',
    examples: [101, 102],
  },
  {
    key: 'call_sid',
    title: 'Call SID',
    of: 'call',
    field: 'callSid',
    kind: 'text',
    nullable: false,
    description: "The carrier's id of the call",
    examples: ['CA4b8f0d5c1e2a39768f0d5c1e2a397684', 'CA9d3e7a6b5c4f18209d3e7a6b5c4f1820'],
  },
  {
    key: 'assistant_name',
    title: 'Assistant Name',
    of: 'assistant',
    field: 'name',
    kind: 'text',
    nullable: true,
    description: 'The name of the assistant that answered the call',
    examples: ['Support Bot', 'Sales Rep'],
  },
  {
    key: 'customer_phone_number',
    title: 'Customer Phone',
    of: 'call',
    field: 'customerPhoneNumber',
    kind: 'text',
    nullable: true,
    description: "The customer's phone number, usually in E.164 format",
    examples: ['+15559876543', null],
  },
  {
    key: 'status',
    title: 'Status',
    of: 'call',
    field: 'status',
    kind: 'text',
    nullable: false,
    description: 'The status of the call',
    examples: ['completed', 'no-answer'],
  },
  {
    key: 'duration',
    title: 'Duration (seconds)',
    of: 'call',
    field: 'duration',
    kind: 'integer',
    nullable: true,
    description: 'In seconds',
    examples: [300, null],
  },
  {
    key: 'started_at',
    title: 'Started At',
    of: 'call',
    field: 'startedAt',
    kind: 'time',
    nullable: true,
    description: 'When the call started, in `timezone`, by default UTC',
    examples: ['2023-10-30T10:00:00', null],
  },
  {
    key: 'ended_at',
    title: 'Ended At',
    of: 'call',
    field: 'endedAt',
    kind: 'time',
    nullable: true,
    description: 'When the call ended, in `timezone`, by default UTC',
    examples: ['2023-10-30T10:05:00', null],
  },
];

import type { Type } from '@nestjs/common' with { 'resolution-mode': 'import' };
import type { EntitySchema } from 'typeorm';
import type { Assistant } from './assistant.entity';
import type { Call } from './call.entity';

/**
 * A field of a call: a property of `Call` except its relation.
 *
 * @publicApi
 */
export type CallField = Exclude<keyof Call, 'assistant'>;

/**
 * A field of an assistant: a property of `Assistant`.
 *
 * @publicApi
 */
export type AssistantField = keyof Assistant;

const CALL: Record<CallField, true> = {
  id: true,
  accountId: true,
  callSid: true,
  assistantId: true,
  customerPhoneNumber: true,
  status: true,
  duration: true,
  startedAt: true,
  endedAt: true,
  createdAt: true,
};
const ASSISTANT: Record<AssistantField, true> = { id: true, accountId: true, name: true };

/** All fields of a call. */
export const CALL_FIELDS = Object.keys(CALL) as readonly CallField[];
/** All fields of an assistant. */
export const ASSISTANT_FIELDS = Object.keys(ASSISTANT) as readonly AssistantField[];

/**
 * A custom entity and the names of its properties.
 *
 * @example { entity: PhoneCall, properties: { callSid: 'sid', startedAt: 'times.start' } }
 * @publicApi
 */
export interface MappedEntity<Field extends string> {
  /** An entity class or an `EntitySchema`. If it has a `@DeleteDateColumn`, deleted rows are left out. */
  readonly entity: Type | EntitySchema;
  /**
   * Property names by field, for those that differ. `times.start` names a property of an embedded object; a
   * relation stands for its join column.
   */
  readonly properties?: Readonly<Partial<Record<Field, string>>>;
}

/**
 * The entity of calls, and how to tell the order in which they were created.
 *
 * @publicApi
 */
export interface MappedCalls extends MappedEntity<CallField> {
  /**
   * Whether each new call gets a higher id, as with sequences, UUIDv7 (RFC 9562) and ULID.
   *
   * If true, an export reads calls by id. If false, as with random UUIDs, it reads them by `createdAt`: a
   * creation time, or a number that grows with it. That value must not change and must not be null.
   *
   * Default: true for integers, unless `properties` names `createdAt`; false for text and UUIDs.
   */
  readonly idsGrow?: boolean;
}

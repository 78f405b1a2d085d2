import type { Type } from '@nestjs/common' with { 'resolution-mode': 'import' };
import type { EntitySchema } from 'typeorm';
import type { Assistant } from './assistant.entity';
import type { Call } from './call.entity';

/** What is read of a call: the properties of `Call` but for its relation. */
export type CallField = Exclude<keyof Call, 'assistant'>;
/** What is read of an assistant: the properties of `Assistant`. */
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

/** All of them. */
export const CALL_FIELDS = Object.keys(CALL) as readonly CallField[];
/** All of them. */
export const ASSISTANT_FIELDS = Object.keys(ASSISTANT) as readonly AssistantField[];

/** An entity of the host's, and how its properties are called. */
export interface MappedEntity<Field extends string> {
  /** A class that is an entity, or an `EntitySchema`. With a column of deletion dates, deleted calls are left out. */
  readonly entity: Type | EntitySchema;
  /**
   * The properties that are not called as the field is. `times.start` is one of an embedded object; a relation stands for its
   * column.
   */
  readonly properties?: Readonly<Partial<Record<Field, string>>>;
}

/** The entity of calls, and in which order they were created. */
export interface MappedCalls extends MappedEntity<CallField> {
  /**
   * Whether ids grow: a call that is created later has a greater one, as with UUIDv7 (RFC 9562) and ULID. Calls are then read in the order
   * of their ids. Ids that do not grow, as random UUIDs, need the property `createdAt`: when a call was created, or a number that
   * grows with that. It must never change and never be null; calls are read in its order.
   *
   * Default: integers grow, unless `properties` name `createdAt`; texts and UUIDs do not.
   */
  readonly idsGrow?: boolean;
}

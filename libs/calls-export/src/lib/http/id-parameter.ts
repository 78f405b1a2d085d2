import type { IdRule } from '../entities/calls-entities';
import { isUuid } from '../model/uuid';

/** A query parameter that is an id. */
export interface IdParameter {
  /** @returns undefined if the text is no id. */
  parse(text: string): number | string | undefined;
  /** What it must be, in words. */
  readonly rule: string;
  /** Its schema in OpenAPI. */
  readonly schema: object;
  readonly example: number | string;
}

const INT32_MAX = 2n ** 31n - 1n;
const TEXT_MAX = 255;
const UUID = '0b5c0a1e-0000-4000-8000-000000000001';
const TEXT = new RegExp(`^\\P{Cc}{1,${TEXT_MAX}}$`, 'u');

/** What the parameter takes, by the type of the column of ids. */
export function idParameter({ form, min, max }: IdRule): IdParameter {
  switch (form) {
    case 'integer':
      return {
        parse: (text) => {
          const id = /^-?\d+$/.test(text) ? BigInt(text) : undefined;
          if (id === undefined || id < min || id > max) return undefined;
          return Number.isSafeInteger(Number(id)) ? Number(id) : String(id);
        },
        rule:
          min === 1n
            ? `must be a positive integer in decimal digits, at most ${max}`
            : `must be an integer in decimal digits from ${min} to ${max}`,
        schema: {
          type: 'integer',
          format: max > INT32_MAX ? 'int64' : 'int32',
          ...(min >= 0n && { minimum: Number(min) }),
        },
        example: 7,
      };
    case 'uuid':
      return {
        parse: (text) => (isUuid(text) ? text.toLowerCase() : undefined),
        rule: `must be a UUID such as ${UUID}`,
        schema: { type: 'string', format: 'uuid' },
        example: UUID,
      };
    case 'text':
      return {
        parse: (text) => (TEXT.test(text) ? text : undefined),
        rule: `must be a text of at most ${TEXT_MAX} characters without control characters`,
        schema: { type: 'string', maxLength: TEXT_MAX },
        example: 'support-bot',
      };
  }
}

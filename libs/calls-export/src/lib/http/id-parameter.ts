import type { IdRule } from '../entities/calls-entities';
import { isUuid } from '../model/uuid';

/** How to parse and describe a query parameter that is an id. */
export interface IdParameter {
  /** Returns undefined if the text is not a valid id. */
  parse(text: string): number | string | undefined;
  /** The rule, as the predicate of an error message. */
  readonly rule: string;
  /** The OpenAPI schema. */
  readonly schema: object;
  readonly example: number | string;
}

const INT32_MAX = 2n ** 31n - 1n;
const TEXT_MAX = 255;
const UUID = '0b5c0a1e-0000-4000-8000-000000000001';
const TEXT = new RegExp(`^\\P{Cc}{1,${TEXT_MAX}}$`, 'u');

/** Returns how to parse and describe a parameter by the type of the id column. */
export function idParameter({ form, min, max }: IdRule): IdParameter {
  switch (form) {
    case 'integer':
      return {
        parse: (text) => {
          const id = /^-?\d+$/.test(text) ? BigInt(text) : undefined;
          if (id === undefined || id < min || id > max) return undefined;
          return Number.isSafeInteger(Number(id)) ? Number(id) : String(id);
        },
        rule: `must be an integer from ${min} to ${max}`,
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
        rule: `must have 1 to ${TEXT_MAX} characters and no control characters`,
        schema: { type: 'string', maxLength: TEXT_MAX },
        example: 'support-bot',
      };
  }
}

import type { DataSource, Repository } from 'typeorm';
import type { ColumnKind } from '../model/export-column';

export type ColumnMetadata = Repository<object>['metadata']['columns'][number];

/** What a field is used for. */
export interface FieldUse {
  /** What its values are; undefined for an account, which is an integer or a text. */
  readonly kind: ColumnKind | undefined;
  /** Whether the database orders or bounds the calls by it, so that its own values have to be of the kind, whatever is made of them. */
  readonly isWalked: boolean;
}

const INTEGER_TYPE = /^(?:unsigned )?(?:big ?|medium|small|tiny)?int(?:eger|[248])?(?: unsigned)?$/;
const TIME_TYPE = /^(?:timestamp|datetime)/;
/** What is not text and has none of its own: what TypeORM or a driver makes truth values, objects or lists of, beside times. */
const TEXTLESS_TYPE =
  /^(?:boolean|jsonb?|simple-json|simple-array|set|hstore|interval|point|circle|vector|halfvec|cube|geometry\w*|geography|(?:multi)?(?:linestring|polygon|point)|bytea|(?:tiny|medium|long)?blob|(?:var)?binary)$/;

/** Times that a transformer has to leave as they are, where calls are bounded by them: in winter and in summer. */
const SAMPLE_TIMES = ['2023-01-15T10:00:00Z', '2023-07-15T10:00:00Z'];

/** The type of a column in the database; empty where the entity does not say, as that of a view. */
export function typeOf(column: ColumnMetadata, { driver }: DataSource): string {
  // Asked for nothing, a driver may answer with a default; and MySQL's says of a truth value that it is a number.
  if (!(column.type as unknown)) return '';
  if ([Boolean, 'bool', 'boolean'].includes(column.type as string)) return 'boolean';
  return driver.normalizeType(column);
}

/** Whether the database keeps integers in the column. */
export function isInteger(column: ColumnMetadata, dataSource: DataSource): boolean {
  return INTEGER_TYPE.test(typeOf(column, dataSource)) && !column.isArray;
}

/**
 * Why a column can't be used so that a call's value is what `find()` gives, and the way out.
 *
 * @returns undefined if it can.
 */
export function whyUnusable(
  column: ColumnMetadata,
  { kind, isWalked }: FieldUse,
  dataSource: DataSource,
): string | undefined {
  if (column.isVirtualProperty) {
    return 'is a virtual column, which is not in a table: map a column, of a view if need be';
  }
  if (column.transformer && !isWalked) return undefined;
  const type = typeOf(column, dataSource);
  if (!holds(type, kind) || column.isArray) {
    const what = kind === undefined ? 'integer or text' : kind;
    const found = column.isArray ? `${type}[]` : type;
    return `must be a column of ${what}s, not ${found}: map another one, or that of a view that has it so`;
  }
  if (kind === 'time' && isWalked && column.transformer && !keepsTimes(column, dataSource)) {
    return 'has a transformer that changes the time, by which calls are filtered: map an entity without it';
  }
  return undefined;
}

function holds(type: string, kind: ColumnKind | undefined): boolean {
  // That of a view is known only to the database.
  if (type === '') return true;
  switch (kind) {
    case 'integer':
      return INTEGER_TYPE.test(type);
    case 'time':
      return TIME_TYPE.test(type);
    case 'text':
    case undefined:
      return !TEXTLESS_TYPE.test(type) && !TIME_TYPE.test(type);
    default:
      return kind satisfies never;
  }
}

function keepsTimes(column: ColumnMetadata, { driver }: DataSource): boolean {
  return SAMPLE_TIMES.every((sample) => {
    try {
      const value: unknown = driver.prepareHydratedValue(new Date(sample), column);
      return new Date(value as Date).getTime() === Date.parse(sample);
    } catch {
      return false;
    }
  });
}

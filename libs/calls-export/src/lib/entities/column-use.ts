import type { DataSource, Repository } from 'typeorm';
import type { ColumnKind } from '../model/export-column';

export type ColumnMetadata = Repository<object>['metadata']['columns'][number];

/** The kind of a field: a `key` is an integer or text, a `creation` is a time or a growing integer. */
export type FieldKind = ColumnKind | 'key' | 'creation';

/** How an export uses a field. */
export interface FieldUse {
  readonly kind: FieldKind;
  /** Whether the database sorts, filters or joins by the column, so its stored values must have the kind. */
  readonly isScanned: boolean;
  /** Whether a mask produces the values, so that the column may have another type. */
  readonly isMasked?: boolean;
  /** The path of the property. Default: the mapped one. */
  readonly property?: string;
}

/** The form of the values of a key. */
export type KeyForm = 'integer' | 'uuid' | 'text';

const INTEGER_TYPE = /^(?:unsigned )?(?:big ?|medium|small|tiny)?int(?:eger|[248])?(?: unsigned)?$/;
const DECIMAL_TYPE =
  /^(?:numeric|number|dec(?:imal)?|float\d?|real|double(?: precision)?)(?: unsigned)?$/;
const TIME_TYPE = /^(?:timestamp|datetime)/;
/** Types that TypeORM or a driver returns as an object or an array, other than times. */
const OBJECT_TYPE =
  /^(?:jsonb?|simple-json|simple-array|set|hstore|interval|point|circle|vector|halfvec|cube|geometry\w*|geography|(?:multi)?(?:linestring|polygon|point)|bytea|(?:tiny|medium|long)?blob|(?:var)?binary)$/;

/** A transformer must not change these times if calls are filtered by them. One in winter, one in summer. */
const SAMPLE_TIMES = ['2023-01-15T10:20:37Z', '2023-07-15T22:40:59Z'];

/** Returns the database type of a column, or an empty string if the entity does not declare it (a view). */
export function typeOf(column: ColumnMetadata, { driver }: DataSource): string {
  // A driver returns a default for no type, and MySQL's returns a number type for booleans.
  if (!(column.type as unknown)) return '';
  if ([Boolean, 'bool', 'boolean'].includes(column.type as string)) return 'boolean';
  return driver.normalizeType(column);
}

/** Whether the database stores integers in the column. */
export function isInteger(column: ColumnMetadata, dataSource: DataSource): boolean {
  return INTEGER_TYPE.test(typeOf(column, dataSource)) && !column.isArray;
}

/** Returns the form of a key column, or undefined if the entity does not declare its type (a view). */
export function formOf(column: ColumnMetadata, dataSource: DataSource): KeyForm | undefined {
  if (isInteger(column, dataSource)) return 'integer';
  const type = typeOf(column, dataSource);
  if (type === '') return undefined;
  return type === 'uuid' ? 'uuid' : 'text';
}

/** The size in bits of the integer types with fewer than 64. */
const INTEGER_BITS: Readonly<Record<string, number>> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  int: 32,
  integer: 32,
};

/** The minimum and the maximum integer of a column. */
export interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

/** The range of a signed 64-bit integer. */
export const ANY_INTEGER: IntegerRange = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** Returns the range of integers that a column can hold. In SQLite all integer types have 64 bits. */
export function integerRange(column: ColumnMetadata, dataSource: DataSource): IntegerRange {
  const type = typeOf(column, dataSource);
  const isSqlite = /^(?:.*sqlite.*|sqljs)$/.test(dataSource.options.type);
  if (isSqlite) return ANY_INTEGER;
  const bits = BigInt(INTEGER_BITS[type.replace(/ ?unsigned ?/, '')] ?? 64);
  const isUnsigned = column.unsigned || type.includes('unsigned');
  const count = 2n ** bits;
  return isUnsigned ? { min: 0n, max: count - 1n } : { min: -count / 2n, max: count / 2n - 1n };
}

/** Text types that a database compares with each other by `=`. */
const TEXT_TYPE =
  /^(?:(?:tiny|medium|long)?text|n?(?:var)?char|character varying|character|citext)$/;

/** Whether `=` compares two text columns directly: not if one is an enum, or if their collations differ. */
export function areComparableTexts(
  one: ColumnMetadata,
  other: ColumnMetadata,
  dataSource: DataSource,
): boolean {
  return (
    [one, other].every((column) => TEXT_TYPE.test(typeOf(column, dataSource))) &&
    one.collation === other.collation &&
    one.charset === other.charset
  );
}

/**
 * Returns why an export of a column would differ from what `find()` returns, and how to fix that.
 *
 * @returns undefined if the column can be used.
 */
function whyUnusable(
  column: ColumnMetadata,
  { kind, isScanned, isMasked }: FieldUse,
  dataSource: DataSource,
): string | undefined {
  if (column.isVirtualProperty) {
    return 'is a virtual column, which no table has: map a real column, for example of a view';
  }
  if ((column.transformer || isMasked) && !isScanned) return undefined;
  const type = typeOf(column, dataSource);
  // A text column may store a list or an object, for example as simple-json.
  const isObject = OBJECT_TYPE.test(String(column.type));
  if (!holds(type, kind) || column.isArray || isObject) {
    const found = column.isArray ? `${type}[]` : isObject ? String(column.type) : type;
    const rule = `must be ${COLUMN_KIND[kind]} column, got ${found}`;
    return `${rule}: map another column, or a view that converts it`;
  }
  if (kind === 'time' && isScanned && column.transformer && !keepsTimes(column, dataSource)) {
    return 'has a transformer that changes the times that calls are filtered by: map an entity without it';
  }
  return undefined;
}

/** @throws Error naming the column if it can't be used this way. */
export function requireUsable(column: ColumnMetadata, use: FieldUse, dataSource: DataSource): void {
  const fault = whyUnusable(column, use, dataSource);
  if (fault === undefined) return;
  const { entityMetadata, propertyPath } = column;
  throw new Error(`CallsExportModule: ${entityMetadata.name}.${propertyPath} ${fault}`);
}

const COLUMN_KIND: Readonly<Record<FieldKind, string>> = {
  integer: 'an integer',
  decimal: 'a numeric',
  boolean: 'a boolean',
  text: 'a text',
  time: 'a timestamp',
  key: 'an integer or text',
  creation: 'a timestamp or integer',
};

function holds(type: string, kind: FieldKind): boolean {
  // Only the database knows the types of a view.
  if (type === '') return true;
  switch (kind) {
    case 'integer':
      return INTEGER_TYPE.test(type);
    case 'decimal':
      return INTEGER_TYPE.test(type) || DECIMAL_TYPE.test(type);
    case 'boolean':
      return type === 'boolean' || INTEGER_TYPE.test(type);
    case 'time':
      return TIME_TYPE.test(type);
    case 'creation':
      return INTEGER_TYPE.test(type) || TIME_TYPE.test(type);
    case 'text':
    case 'key':
      return !OBJECT_TYPE.test(type) && !TIME_TYPE.test(type);
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

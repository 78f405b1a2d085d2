import type { DataSource, Repository } from 'typeorm';
import type { ColumnKind } from '../model/export-column';

export type ColumnMetadata = Repository<object>['metadata']['columns'][number];

/** What the values of a field are: `key` is an integer or a text, and `creation` a time or an integer that grows with it. */
export type FieldKind = ColumnKind | 'key' | 'creation';

/** What a field is used for. */
export interface FieldUse {
  readonly kind: FieldKind;
  /** Whether the database orders, bounds or joins by it, so that its own values have to be of the kind, whatever is made of them. */
  readonly isScanned: boolean;
  /** Whether a mask makes the values, so that the column may have others. */
  readonly isMasked?: boolean;
  /** The path of the property that has it. Default: as it is mapped. */
  readonly property?: string;
}

/** What the values of a key are. */
export type KeyForm = 'integer' | 'uuid' | 'text';

const INTEGER_TYPE = /^(?:unsigned )?(?:big ?|medium|small|tiny)?int(?:eger|[248])?(?: unsigned)?$/;
const DECIMAL_TYPE =
  /^(?:numeric|number|dec(?:imal)?|float\d?|real|double(?: precision)?)(?: unsigned)?$/;
const TIME_TYPE = /^(?:timestamp|datetime)/;
/** What TypeORM or a driver makes an object or a list of, beside times. */
const OBJECT_TYPE =
  /^(?:jsonb?|simple-json|simple-array|set|hstore|interval|point|circle|vector|halfvec|cube|geometry\w*|geography|(?:multi)?(?:linestring|polygon|point)|bytea|(?:tiny|medium|long)?blob|(?:var)?binary)$/;

/** Times that a transformer has to leave as they are, where calls are bounded by them: in winter and in summer. */
const SAMPLE_TIMES = ['2023-01-15T10:20:37Z', '2023-07-15T22:40:59Z'];

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

/** What a key's column has; undefined where the entity does not say, as that of a view. */
export function formOf(column: ColumnMetadata, dataSource: DataSource): KeyForm | undefined {
  if (isInteger(column, dataSource)) return 'integer';
  const type = typeOf(column, dataSource);
  if (type === '') return undefined;
  return type === 'uuid' ? 'uuid' : 'text';
}

/** The bits of the integer types that have fewer than 64. */
const INTEGER_BITS: Readonly<Record<string, number>> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  int: 32,
  integer: 32,
};

/** The least and the greatest integer of a column. */
export interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

/** Of 64 bits, with a sign. */
export const ANY_INTEGER: IntegerRange = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** What integers a column takes. SQLite's have 64 bits, whatever their types are called. */
export function integerRange(column: ColumnMetadata, dataSource: DataSource): IntegerRange {
  const type = typeOf(column, dataSource);
  const isSqlite = /^(?:.*sqlite.*|sqljs)$/.test(dataSource.options.type);
  if (isSqlite) return ANY_INTEGER;
  const bits = BigInt(INTEGER_BITS[type.replace(/ ?unsigned ?/, '')] ?? 64);
  const isUnsigned = column.unsigned || type.includes('unsigned');
  const count = 2n ** bits;
  return isUnsigned ? { min: 0n, max: count - 1n } : { min: -count / 2n, max: count / 2n - 1n };
}

/** Types of texts that a database compares with each other by `=`. */
const TEXT_TYPE =
  /^(?:(?:tiny|medium|long)?text|n?(?:var)?char|character varying|character|citext)$/;

/** Whether two keys that are texts are compared by their columns as they are: not where one is an enumeration, or their collations differ. */
export function areLikeTexts(
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
 * Why a column can't be used so that a call's value is what `find()` gives, and the way out.
 *
 * @returns undefined if it can.
 */
function whyUnusable(
  column: ColumnMetadata,
  { kind, isScanned, isMasked }: FieldUse,
  dataSource: DataSource,
): string | undefined {
  if (column.isVirtualProperty) {
    return 'is a virtual column, which is not in a table: map a column, of a view if need be';
  }
  if ((column.transformer || isMasked) && !isScanned) return undefined;
  const type = typeOf(column, dataSource);
  // A list or an object may be kept in a column of texts.
  const isObject = OBJECT_TYPE.test(String(column.type));
  if (!holds(type, kind) || column.isArray || isObject) {
    const found = column.isArray ? `${type}[]` : isObject ? String(column.type) : type;
    return `must be a column of ${WORDS[kind]}, not ${found}: map another one, or that of a view that has it so`;
  }
  if (kind === 'time' && isScanned && column.transformer && !keepsTimes(column, dataSource)) {
    return 'has a transformer that changes the time, by which calls are filtered: map an entity without it';
  }
  return undefined;
}

/** @throws Error that names the column if it can't be used so. */
export function requireUsable(column: ColumnMetadata, use: FieldUse, dataSource: DataSource): void {
  const fault = whyUnusable(column, use, dataSource);
  if (fault === undefined) return;
  const { entityMetadata, propertyPath } = column;
  throw new Error(`CallsExportModule: ${entityMetadata.name}.${propertyPath} ${fault}`);
}

const WORDS: Readonly<Record<FieldKind, string>> = {
  integer: 'integers',
  decimal: 'numbers',
  boolean: 'truth values',
  text: 'texts',
  time: 'times',
  key: 'integers or texts',
  creation: 'times or integers',
};

function holds(type: string, kind: FieldKind): boolean {
  // That of a view is known only to the database.
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

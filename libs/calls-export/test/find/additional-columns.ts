import type { EntitySchemaColumnOptions } from 'typeorm';
import type { ColumnKind, Mask } from '../../src';
import { AS_BIGINT, CIPHER } from './column-choices';
import type { KindCase } from './describe-kinds';

/** A column that a host app exports in addition to the standard ones. */
export interface AdditionalColumn extends Omit<KindCase, 'title'> {
  /** The name of the property and the key of the column. */
  readonly key: string;
  readonly kind: ColumnKind;
  readonly column: Partial<EntitySchemaColumnOptions>;
  /** The stored values. Null is added. */
  readonly values: readonly unknown[];
  readonly mask?: Mask;
}

const PG = 'postgres';
/** Values that every database stores unchanged. */
const DECIMALS = ['0', '-1.50', '0.00001', '-0.1', '12345678.90', '99999999999.99'];
const FLOATS = [0, 1.5, -0.1, 1e20, 1e21, 1.5e-7, -1e-300, 1.7e308, 123456789012];
const INT4 = [0, 1, -1, 2147483647, -2147483648];
const INT8 = ['0', '-9223372036854775808', '9007199254740993', '9223372036854775807'];
const TEXTS = ['', ' a ', 'a"b', "'", 'a,b;c\td', 'x\r\ny', '😀é', '\\N', 'null', '-1', '=1+1'];
const UUIDS = ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12'];
const TIMES = ['2023-03-12 02:30:00', '1999-12-31 23:59:59', '2038-01-01 00:00:00'];

/** Stands for a number class such as that of decimal.js. */
class Decimal {
  constructor(private readonly digits: string) {}
  toString(): string {
    return this.digits;
  }
}
const AS_DECIMAL = {
  to: (value: Decimal | null) => value?.toString() ?? null,
  from: (value: string | number | null) => (value === null ? null : new Decimal(String(value))),
};
const AS_NUMBER = { to: Number, from: (value: unknown) => (value === null ? null : Number(value)) };
const YES_NO = {
  to: (value: boolean | null) => (value === null ? null : value ? 'yes' : 'no'),
  from: (value: string | null) => (value === null ? null : value === 'yes'),
};
const CENTS = {
  to: (value: number) => value * 100,
  from: (value: unknown) => (value === null ? null : Number(value) / 100),
};

const columnOf =
  (kind: ColumnKind) =>
  (
    key: string,
    column: AdditionalColumn['column'],
    values: readonly unknown[],
    on?: AdditionalColumn['on'],
  ): AdditionalColumn => ({ key, kind, column, values, on });
const decimal = columnOf('decimal');
const boolean = columnOf('boolean');
const integer = columnOf('integer');
const texts = columnOf('text');
const time = columnOf('time');
const masked = (
  from: AdditionalColumn,
  key: string,
  kind: ColumnKind,
  mask: Mask,
): AdditionalColumn => ({
  ...from,
  key,
  kind,
  mask,
});

const PHONE = texts('x_phone', { type: 'varchar' }, ['+15551234567', '', 'a😀b', '5']);
const AMOUNT = decimal('x_amount', { type: 'decimal', precision: 13, scale: 2 }, DECIMALS);
const MOMENT = time('x_moment', { type: Date }, TIMES);

/** Types that TypeORM cannot create. */
export const RETYPED: Readonly<Record<string, string>> = {
  x_zerofill: 'decimal(12, 3) ZEROFILL',
  x_zerofilled: 'int ZEROFILL',
};

export const ADDITIONAL: readonly AdditionalColumn[] = [
  AMOUNT,
  decimal(
    'x_numeric',
    { type: 'numeric' },
    [
      ...DECIMALS,
      '-0',
      '1e300',
      '1e-100',
      '1234567890123456789012345678901234567890.0123456789',
      '.5',
    ],
    [PG],
  ),
  decimal(
    'x_zerofill',
    { type: 'decimal', precision: 12, scale: 3 },
    ['0', '1.5', '123456789.125'],
    ['mariadb'],
  ),
  decimal(
    'x_long',
    { type: 'decimal', precision: 65, scale: 30 },
    [
      '-12345678901234567890123456789012345.123456789012345678901234567891',
      '0.000000000000000000000000000001',
    ],
    ['mariadb'],
  ),
  decimal('x_double', { type: 'double precision' }, FLOATS),
  decimal('x_float', { type: 'float' }, [0, 1.5, -0.25, 1e20], ['sqljs', 'mariadb']),
  decimal('x_real', { type: 'real' }, [0, 1.5, -0.25, 1e20, 1e-7, 0.1]),
  decimal('x_int_as_decimal', { type: 'int' }, INT4),
  decimal('x_bigint_as_decimal', { type: 'bigint' }, INT8, [PG, 'mariadb']),
  decimal(
    'x_number',
    { type: 'decimal', precision: 13, scale: 2, transformer: AS_NUMBER },
    DECIMALS,
  ),
  decimal(
    'x_object',
    { type: 'decimal', precision: 13, scale: 2, transformer: AS_DECIMAL },
    DECIMALS,
  ),
  decimal('x_cents', { type: 'int', transformer: CENTS }, [0, 1, -12345, 100]),
  decimal('x_text_as_decimal', { type: 'varchar', transformer: AS_DECIMAL }, [
    '007.50',
    '-.5',
    '1E5',
    '000',
  ]),
  boolean('x_boolean', { type: 'boolean' }, [true, false], [PG]),
  boolean('x_boolean', { type: 'boolean' }, [1, 0], ['mariadb', 'sqljs']),
  boolean('x_tinyint', { type: 'tinyint' }, [1, 0], ['mariadb']),
  boolean('x_smallint', { type: 'smallint' }, [1, 0]),
  boolean('x_yes', { type: 'varchar', transformer: YES_NO }, ['yes', 'no']),
  boolean(
    'x_bit',
    {
      type: 'bit',
      transformer: { to: Number, from: (bit: Buffer | null) => bit && bit[0] === 1 },
    },
    [1, 0],
    ['mariadb'],
  ),
  boolean(
    'x_raw_bit',
    { type: 'bit', transformer: { to: (bit) => bit, from: (bit) => bit } },
    [Buffer.from([1]), Buffer.from([0])],
    ['mariadb'],
  ),
  integer('x_int', { type: 'int' }, INT4),
  integer('x_smallint_number', { type: 'smallint' }, [0, -32768, 32767]),
  integer('x_bigint', { type: 'bigint' }, INT8, [PG, 'mariadb']),
  integer(
    'x_unsigned',
    { type: 'bigint', unsigned: true },
    ['0', '18446744073709551615', '9223372036854775808'],
    ['mariadb'],
  ),
  integer('x_zerofilled', { type: 'int', unsigned: true }, [0, 42, 4294967295], ['mariadb']),
  integer('x_bigint_object', { type: 'bigint', transformer: AS_BIGINT }, INT8, [PG, 'mariadb']),
  PHONE,
  texts('x_text', { type: 'text' }, [...TEXTS, `"${'é'.repeat(9_000)}`]),
  texts(
    'x_cipher',
    { type: 'text', transformer: CIPHER },
    TEXTS.map((text) => CIPHER.to(text)),
  ),
  texts(
    'x_enum',
    { type: 'enum', enum: ['a', 'B c', '"'], enumName: 'x_enum' },
    ['a', 'B c', '"'],
    [PG, 'mariadb'],
  ),
  texts('x_uuid', { type: 'uuid' }, UUIDS, [PG, 'mariadb']),
  texts('x_date', { type: 'date' }, ['2023-10-30', '1969-12-31', '0999-01-01']),
  texts('x_clock', { type: 'time' }, ['10:20:30', '00:00:00', '23:59:59'], [PG, 'mariadb']),
  texts('x_year', { type: 'year' }, [1999, 2023], ['mariadb']),
  texts('x_inet', { type: 'inet' }, ['10.0.0.1', '10.0.0.0/8'], [PG]),
  texts('x_char', { type: 'char', length: '8' }, ['a', ' b', 'é"'], [PG, 'mariadb']),
  texts('x_int_as_text', { type: 'int' }, INT4),
  texts('x_decimal_as_text', { type: 'decimal', precision: 13, scale: 2 }, DECIMALS),
  texts('x_boolean_as_text', { type: 'boolean' }, [1, 0], ['mariadb', 'sqljs']),
  texts('x_boolean_as_text', { type: 'boolean' }, [true, false], [PG]),
  texts(
    'x_json_made_text',
    {
      type: 'simple-json',
      transformer: { to: (v) => v, from: (v: { a: string } | null) => v && v.a },
    },
    ['{"a":"b"}'],
  ),
  MOMENT,
  time(
    'x_zoned',
    { type: 'timestamptz' },
    ['2023-03-12 02:30:00.999+00', '0001-01-01 00:00:00+00', '1969-12-31 23:59:59.9Z'],
    [PG],
  ),
  time(
    'x_plain',
    { type: 'timestamp', precision: 3 },
    ['2023-03-12 02:30:00.999', '1969-12-31 23:59:59.5'],
    [PG],
  ),
  time(
    'x_datetime',
    { type: 'datetime', precision: 6 },
    ['2023-03-12 02:30:00.999999', '1000-01-01 00:00:00'],
    ['mariadb'],
  ),
  time('x_timestamp', { type: 'timestamp' }, TIMES.slice(0, 2), ['mariadb']),
  time('x_millis', { type: 'bigint', transformer: AS_NUMBER }, ['0', '-1', '1700000000999']),
  masked(PHONE, 'x_masked', 'text', (phone) => `${String(phone).slice(0, 2)}…`),
  masked(PHONE, 'x_blank', 'text', () => null),
  masked(PHONE, 'x_undefined', 'text', () => undefined),
  masked(PHONE, 'x_length', 'integer', (phone) => String(phone).length),
  masked(PHONE, 'x_huge', 'integer', () => 2n ** 63n - 1n),
  masked(PHONE, 'x_is_long', 'boolean', (phone) => String(phone).length > 5),
  masked(PHONE, 'x_score', 'decimal', (phone) => String(phone).length / 8),
  masked(PHONE, 'x_long_mask', 'text', (phone) => `"${phone}`.repeat(500)),
  masked(AMOUNT, 'x_rounded', 'integer', (amount) => Math.round(Number(amount))),
  masked(AMOUNT, 'x_words', 'text', (amount) => `EUR ${amount}`),
  masked(
    MOMENT,
    'x_hour',
    'time',
    (moment) => new Date(Number(moment) - (Number(moment) % 3_600_000)),
  ),
  masked(MOMENT, 'x_day', 'text', (moment) => (moment as Date).toISOString().slice(0, 10)),
];

import {
  AfterLoad,
  Column,
  Entity,
  type EntitySchemaColumnOptions,
  PrimaryColumn,
  VirtualColumn,
} from 'typeorm';
import { casesOf, describeKinds, type KindCase } from './describe-kinds';
import { type Columns, type HostEntities, hostEntities } from './entities';
import { FindHost } from './find-host';
import { expectRefused } from './refused';

interface RefusedCase extends KindCase {
  readonly calls?: Columns;
  readonly assistants?: Columns;
  /** What the error must name. */
  readonly names: readonly [entity: string, property: string];
}

const PG = 'postgres';
function ofCall(
  title: string,
  property: string,
  column: Partial<EntitySchemaColumnOptions>,
  on?: RefusedCase['on'],
): RefusedCase {
  const calls = { [property]: { nullable: true, ...column } };
  return { title, calls, names: ['HostCall', property], on };
}

const CASES: readonly RefusedCase[] = [
  ofCall('a duration that is an interval', 'duration', { type: 'interval' }, [PG]),
  ofCall('a duration that is a range', 'duration', { type: 'int4range' }, [PG]),
  ofCall('a duration that is an array', 'duration', { type: 'int', array: true }, [PG]),
  ofCall('a duration that is a point', 'duration', { type: 'point' }, [PG]),
  ofCall('a duration that is a string', 'duration', { type: 'varchar' }),
  ofCall('a duration that is a time', 'duration', { type: Date }),
  ofCall('a duration that is a boolean', 'duration', { type: 'boolean' }),
  ofCall('a duration that is a float', 'duration', { type: 'float' }),
  ofCall('an assistant that is an array', 'assistantId', { type: 'int', array: true }, [PG]),
  ofCall('a start that is an array', 'startedAt', { type: 'timestamptz', array: true }, [PG]),
  ofCall('a start that is an integer', 'startedAt', { type: 'int' }),
  ofCall('an end that is an integer', 'endedAt', { type: 'bigint' }),
  ofCall('a phone number that is an array', 'customerPhoneNumber', { type: 'text', array: true }, [
    PG,
  ]),
  ofCall('a phone number that is a simple-array', 'customerPhoneNumber', { type: 'simple-array' }),
  ofCall('a phone number that is simple-json', 'customerPhoneNumber', { type: 'simple-json' }),
  ofCall('a phone number that is JSON', 'customerPhoneNumber', { type: 'json' }, [PG, 'mariadb']),
  ofCall('a phone number that is binary JSON', 'customerPhoneNumber', { type: 'jsonb' }, [PG]),
  ofCall('a phone number that is binary', 'customerPhoneNumber', { type: 'bytea' }, [PG]),
  ofCall('a phone number that is binary', 'customerPhoneNumber', { type: 'blob' }, [
    'mariadb',
    'sqljs',
  ]),
  ofCall('a phone number that is binary', 'customerPhoneNumber', { type: 'varbinary' }, [
    'mariadb',
  ]),
  ofCall('a phone number that is a time', 'customerPhoneNumber', { type: Date }),
  ofCall('a phone number that is an interval', 'customerPhoneNumber', { type: 'interval' }, [PG]),
  ofCall('a phone number that is a point', 'customerPhoneNumber', { type: 'point' }, [PG]),
  ofCall('a phone number that is a set', 'customerPhoneNumber', { type: 'set', enum: ['a', 'b'] }, [
    'mariadb',
  ]),
  ofCall('a status that is an array', 'status', { type: 'text', array: true }, [PG]),
  ofCall(
    'a status that is an array of enums',
    'status',
    {
      type: 'enum',
      enum: ['a', 'b'],
      enumName: 'refused_enum',
      array: true,
    },
    [PG],
  ),
  ofCall('a SID that is JSON', 'callSid', { type: 'json' }, [PG, 'mariadb']),
  ofCall('accounts that are arrays', 'accountId', { type: 'int', array: true }, [PG]),
  ofCall('accounts that are binary', 'accountId', { type: 'bytea' }, [PG]),
  ofCall('accounts that are JSON', 'accountId', { type: 'json' }, [PG, 'mariadb']),
  ofCall('accounts that are times', 'accountId', { type: Date }),
  {
    title: 'a name that is JSON',
    on: [PG, 'mariadb'],
    assistants: { name: { type: 'json' } },
    names: ['HostAssistant', 'name'],
  },
  {
    title: 'a name that is a simple-array',
    assistants: { name: { type: 'simple-array' } },
    names: ['HostAssistant', 'name'],
  },
];

class PlainCall {
  @PrimaryColumn('int') id!: number;
  @Column('int') accountId!: number;
  @Column('varchar') callSid!: string;
  @Column('int', { nullable: true }) assistantId!: number | null;
  @Column('varchar', { nullable: true }) status!: string | null;
  @Column('int', { nullable: true }) duration!: number | null;
  @Column({ type: Date, nullable: true }) startedAt!: Date | null;
  @Column({ type: Date, nullable: true }) endedAt!: Date | null;
}

@Entity()
class VirtualPhoneCall extends PlainCall {
  @VirtualColumn({ query: () => `SELECT 'virtual'` }) customerPhoneNumber!: string;
}

@Entity()
class LoadedCall extends PlainCall {
  @Column('varchar', { nullable: true }) customerPhoneNumber!: string | null;

  @AfterLoad()
  hidePhone(): void {
    this.customerPhoneNumber = 'hidden';
  }
}

abstract class LoadedBase {
  @PrimaryColumn('int') id!: number;
  @Column('int') accountId!: number;
  @Column('varchar') name!: string;

  @AfterLoad()
  hideName(): void {
    this.name = 'hidden';
  }
}

@Entity()
class InheritingAssistant extends LoadedBase {}

describeKinds('The module fails to start with', (database, type, kind) => {
  it.each(casesOf(CASES, kind))('$title', async ({ calls, assistants, names }) => {
    const entities = hostEntities(type, calls, assistants);
    await expectRefused(FindHost.connect(database, { entities }), ...names);
  });

  it.each<[string, Partial<HostEntities>, string, string]>([
    [
      'a virtual column',
      { calls: { entity: VirtualPhoneCall } },
      'VirtualPhoneCall',
      'customerPhoneNumber',
    ],
    [
      'calls with an @AfterLoad listener',
      { calls: { entity: LoadedCall } },
      'LoadedCall',
      'hidePhone',
    ],
    [
      'assistants that inherit an @AfterLoad listener',
      { assistants: { entity: InheritingAssistant } },
      'InheritingAssistant',
      'hideName',
    ],
  ])('%s', async (_, own, entity, property) => {
    const entities = { ...hostEntities(type), ...own };
    await expectRefused(FindHost.connect(database, { entities }), entity, property);
  });
});

import { TypeOrmModule } from '@nestjs/typeorm';
import {
  Column,
  DataSource,
  DeleteDateColumn,
  Entity,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { CallsExportModule } from '../src';
import { exportedSids } from './exported-sids';
import { ACCOUNT_1, closeHosts, HeaderGuard, startHost } from './small-host';

afterEach(closeHosts);

class Times {
  @Column({ type: Date, nullable: true })
  start!: Date | null;

  @Column({ type: Date, nullable: true })
  end!: Date | null;
}

@Entity()
class Agent {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  accountId!: number;

  @Column()
  name!: string;

  @DeleteDateColumn()
  leftAt!: Date | null;
}

@Entity()
class Ring {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  accountId!: number;

  // TypeORM's find() does not select it, but an export does.
  @Column({ name: 'SID', select: false })
  callSid!: string;

  @ManyToOne(() => Agent, { nullable: true })
  agent?: Relation<Agent> | null;

  @Column({ type: String, nullable: true })
  customerPhoneNumber!: string | null;

  @Column({ default: 'busy' })
  status!: string;

  @Column({ type: Number, nullable: true })
  duration!: number | null;

  @Column(() => Times)
  times!: Times;

  @DeleteDateColumn()
  deletedAt!: Date | null;
}

describe('Custom entities', () => {
  it('can have relations, embedded objects, unselected columns and deleted rows', async () => {
    const at = (time: string) => new Date(`2023-10-30T${time}Z`);
    const { url } = await startHost([
      TypeOrmModule.forRootAsync({
        useFactory: () => ({ type: 'sqljs', synchronize: true, autoLoadEntities: true }),
        dataSourceFactory: async (settings) => {
          const dataSource = await new DataSource(settings as never).initialize();
          const agents = dataSource.getRepository(Agent);
          const agent = await agents.save({ accountId: 1, name: 'Support Bot' });
          // Its name is still exported with its calls.
          await agents.softDelete(agent.id);
          const rings = dataSource.getRepository(Ring);
          const times = { start: at('10:00:00'), end: at('10:05:00') };
          await rings.insert([
            { accountId: 1, callSid: 'CA1', agent, times },
            { accountId: 1, callSid: 'CA2', times: { start: at('09:00:00') } },
            { accountId: 1, callSid: 'CA3', times: {}, deletedAt: new Date() },
            { accountId: 1, callSid: 'CA4', times: { start: at('08:00:00') } },
          ]);
          return dataSource;
        },
      }),
      CallsExportModule.forRoot({
        guards: [HeaderGuard],
        pageSize: 1,
        calls: {
          entity: Ring,
          properties: { assistantId: 'agent', startedAt: 'times.start', endedAt: 'times.end' },
        },
        assistants: { entity: Agent },
      }),
    ]);
    const byStart = `${url}/calls/export?format=json&date_from=2023-10-30T08:30`;
    expect(await exportedSids(byStart)).toEqual(['CA2', 'CA1']);
    expect(await exportedSids(`${url}/calls/export?format=json&assistant_id=1`)).toEqual(['CA1']);
    const csv = await fetch(`${url}/calls/export`, { headers: ACCOUNT_1 });
    expect((await csv.text()).split('\r\n').slice(1, -1)).toEqual([
      '1,"CA1","Support Bot",,"busy",,"2023-10-30T10:00:00","2023-10-30T10:05:00"',
      '2,"CA2",,,"busy",,"2023-10-30T09:00:00",',
      '4,"CA4",,,"busy",,"2023-10-30T08:00:00",',
    ]);
  });
});

// @slow
import {
  Column,
  DeleteDateColumn,
  Entity,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  type Relation,
} from 'typeorm';
import { describeKinds } from './describe-kinds';
import type { HostEntities } from './entities';
import { FindHost } from './find-host';
import { expectAllFound, START } from './plain-calls';

class Sid {
  @Column({ name: 'value', type: 'varchar' }) text!: string;
}

class Span {
  @Column({ type: Date, nullable: true }) start!: Date | null;
  @Column({ type: Date, nullable: true }) end!: Date | null;
  @Column('int', { nullable: true }) seconds!: number | null;
}

class Details {
  @Column(() => Span) span!: Span;
  @Column(() => Sid, { prefix: false }) sid!: Sid;
}

@Entity()
class Team {
  @PrimaryColumn('int') number!: number;
  @OneToMany(() => Agent, (agent) => agent.team) agents?: Relation<Agent[]>;
}

@Entity()
class Agent {
  @PrimaryColumn('int') agentNumber!: number;
  @ManyToOne(() => Team, (team) => team.agents) team!: Relation<Team> | number;
  @Column('varchar', { name: 'full name' }) fullName!: string;
  @DeleteDateColumn() leftAt!: Date | null;
}

@Entity()
class Conversation {
  @PrimaryColumn('int', { name: 'nr' }) number!: number;
  @ManyToOne(() => Team) team!: Relation<Team> | number;
  @ManyToOne(() => Agent, { nullable: true }) agent!: Relation<Agent> | number | null;
  @Column('varchar', { nullable: true }) phone!: string | null;
  @Column('varchar', { nullable: true }) outcome!: string | null;
  @Column(() => Details) details!: Details;
  @DeleteDateColumn() deletedAt!: Date | null;
}

describeKinds('Entities', (database) => {
  it('with relations, embedded objects and deleted rows are exported as find() returns them', async () => {
    const entities: HostEntities = {
      calls: {
        entity: Conversation,
        properties: {
          id: 'number',
          accountId: 'team',
          assistantId: 'agent',
          callSid: 'details.sid.text',
          customerPhoneNumber: 'phone',
          status: 'outcome',
          duration: 'details.span.seconds',
          startedAt: 'details.span.start',
          endedAt: 'details.span.end',
        },
      },
      assistants: {
        entity: Agent,
        properties: { id: 'agentNumber', accountId: 'team', name: 'fullName' },
      },
    };
    const host = await FindHost.start(database, { entities, otherEntities: [Team] });
    const insert = (target: new () => object, ...rows: object[]) =>
      host.dataSource.getRepository(target).insert(rows);
    await insert(Team, { number: 7 }, { number: 8 });
    const agent = { team: { number: 7 }, fullName: 'O"Neil' };
    await insert(
      Agent,
      { ...agent, agentNumber: 1 },
      { ...agent, agentNumber: 2, leftAt: START },
      { ...agent, agentNumber: 3, team: { number: 8 } },
    );
    const conversation = (number: number, agentNumber: number | null, other: object = {}) => ({
      number,
      team: { number: 7 },
      agent: agentNumber && { agentNumber },
      outcome: 'busy',
      details: {
        sid: { text: `CA${number}` },
        span: { start: new Date(START.getTime() + number * 1000), seconds: number },
      },
      ...other,
    });
    await insert(
      Conversation,
      conversation(1, 1),
      conversation(2, 2),
      conversation(3, 3),
      conversation(4, null),
      conversation(5, 1, { deletedAt: START }),
      conversation(6, 1, { team: { number: 8 } }),
    );
    await expectAllFound(host, 4);
  });
});

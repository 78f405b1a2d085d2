// @slow
import { ChildEntity, Column, Entity, PrimaryColumn, TableInheritance } from 'typeorm';
import { describeKinds } from './describe-kinds';
import { expectFound, FindHost } from './find-host';
import { call, expectAllFound } from './plain-calls';

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'type' } })
class AnyCall {
  @PrimaryColumn('int') id!: number;
  @Column('int') accountId!: number;
  @Column('varchar') callSid!: string;
  @Column('int', { nullable: true }) assistantId!: number | null;
  @Column('varchar', { nullable: true }) customerPhoneNumber!: string | null;
  @Column('varchar', { nullable: true }) status!: string | null;
  @Column('int', { nullable: true }) duration!: number | null;
}

@ChildEntity()
class VoiceCall extends AnyCall {
  @Column({ type: Date, nullable: true }) startedAt!: Date | null;
  @Column({ type: Date, nullable: true }) endedAt!: Date | null;
}

@ChildEntity('video')
class VideoCall extends VoiceCall {}

@ChildEntity()
class TextMessage extends AnyCall {}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
class Worker {
  @PrimaryColumn('int') id!: number;
  @Column('int') accountId!: number;
  @Column('varchar') name!: string;
}

@ChildEntity()
class Robot extends Worker {}

@ChildEntity()
class Human extends Worker {}

describeKinds('Entities', (database) => {
  it('that share a table are exported without their siblings', async () => {
    const host = await FindHost.start(database, {
      entities: { calls: { entity: VoiceCall }, assistants: { entity: Robot } },
      otherEntities: [AnyCall, VideoCall, TextMessage, Worker, Human],
    });
    const { dataSource } = host;
    const save = (target: new () => object, ...rows: object[]) =>
      dataSource.getRepository(target).insert(rows);
    await save(Robot, { id: 1, accountId: 7, name: 'robot' });
    await save(Human, { id: 2, accountId: 7, name: 'human' });
    await save(Robot, { id: 3, accountId: 8, name: 'their robot' });
    await save(VoiceCall, call(1), call(2, { assistantId: 2 }), call(3, { assistantId: 3 }));
    await save(VideoCall, call(4));
    const message: { startedAt?: unknown } = call(5);
    delete message.startedAt;
    await save(TextMessage, message);
    await expectAllFound(host, 4);
    expect(await expectFound(host, 7, { assistantId: 2 })).toEqual([]);
    expect(JSON.stringify(await host.export(7))).not.toContain('human');
  });

  it.each(['the parent', 'a grandchild'])('that share a table can be %s', async (which) => {
    const entity = which === 'the parent' ? Worker : Human;
    const host = await FindHost.start(database, {
      entities: { calls: { entity: VideoCall }, assistants: { entity } },
      otherEntities: [AnyCall, VoiceCall, TextMessage, Worker, Robot, Human].filter(
        (each) => each !== entity,
      ),
    });
    const repository = (target: new () => object) => host.dataSource.getRepository(target);
    await repository(Robot).insert({ id: 1, accountId: 7, name: 'robot' });
    await repository(Human).insert({ id: 2, accountId: 7, name: 'human' });
    await repository(VoiceCall).insert(call(1));
    await repository(VideoCall).insert([call(2), call(3, { assistantId: 2 })]);
    await expectAllFound(host, 2);
  });
});

import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type CallsExportColumn, CallsExportModule } from 'nestjs-calls-export';
import { Agent } from './agent.entity';
import { type Authenticated, JwtStrategy } from './jwt.strategy';
import { PhoneCall } from './phone-call.entity';

/** Returns the columns of a file with the given phone number column. */
function columns(phone: CallsExportColumn): CallsExportColumn[] {
  return [
    'id',
    { key: 'call_sid', title: 'SID' },
    { key: 'assistant_name', title: 'Agent' },
    phone,
    'status',
    'started_at',
    { key: 'price', title: 'Price (USD)', property: 'price', kind: 'decimal' },
    { key: 'recorded', title: 'Recorded', property: 'isRecorded', kind: 'boolean' },
  ];
}

/** Masks all but the last two digits. */
function maskPhone(phone: string): string {
  return phone.replace(/.(?=..)/g, '*');
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      entities: [PhoneCall, Agent],
      // For this example only. In production, use migrations.
      synchronize: true,
    }),
    CallsExportModule.forRoot({
      calls: {
        entity: PhoneCall,
        // Other properties, such as `createdAt`, have the names that the export expects.
        properties: {
          accountId: 'tenantId',
          callSid: 'sid',
          assistantId: 'agent',
          customerPhoneNumber: 'customerNumber',
        },
      },
      assistants: { entity: Agent, properties: { accountId: 'tenantId' } },
      columns: columns('customer_phone_number'),
      views: { masked: columns({ key: 'customer_phone_number', mask: maskPhone }) },
      findAccount: ({ user }: Authenticated) => user.tenant,
      findView: ({ user }: Authenticated) => (user.role === 'admin' ? 'default' : 'masked'),
    }),
  ],
  providers: [JwtStrategy],
})
export class AppModule {}

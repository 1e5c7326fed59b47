// B) Approves what VIPs book, at once.
//   ORKESTR_URL=https://booking.example ORKESTR_KEY=ork_… VIPS=cus_…,cus_… ORKESTR_WEBHOOK_SECRET=whsec_… node vip.mjs
import { call, receive } from './receiver.mjs';

const vips = new Set(process.env.VIPS.split(','));

receive({
  'booking.created': async (data, delivery) => {
    if (!vips.has(data.customerId)) return;
    // Under the delivery's id, a second try gives the first one's answer.
    await call('POST', `${process.env.ORKESTR_URL}/v1/api/bookings/${data.bookingId}/approve`, {},
      { Authorization: `Bearer ${process.env.ORKESTR_KEY}`, 'Idempotency-Key': delivery });
  },
});

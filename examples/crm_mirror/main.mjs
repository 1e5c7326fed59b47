// A) Mirrors confirmed bookings into a CRM: the customer as a contact, the booking as an activity of theirs. Subscribe to `booking.confirmed`.
//   CRM_URL=https://crm.example ORKESTR_WEBHOOK_SECRET=whsec_… PORT=8090 node examples/crm_mirror/main.mjs
import { call, receive } from '../webhook_receiver/receiver.mjs';

const crm = process.env.CRM_URL;

receive({
  'booking.confirmed': async (data, delivery) => {
    const contact = `${crm}/contacts/${data.customerId}`;
    await call('PUT', contact, { externalId: data.customerId });
    await call('POST', `${contact}/activities`, { booking: data.bookingId, title: data.offeringTitle, totalCents: data.totalCents, currency: data.currency },
      { 'Idempotency-Key': delivery });
  },
});

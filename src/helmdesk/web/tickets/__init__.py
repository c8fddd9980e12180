"""The pages where tickets are worked: the queue, the ticket, its forms, search."""

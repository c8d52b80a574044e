"""What the program talks about: values and rules, pure. Nothing here touches disk, clock or network."""

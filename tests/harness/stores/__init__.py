"""What agents keep on a machine, made by us from the documented layouts, with canaries where people would write."""

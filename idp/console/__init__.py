"""What every page of the console stands on; the pages themselves are in `admin` packages."""

from osiris_crawler.cli import main

main()

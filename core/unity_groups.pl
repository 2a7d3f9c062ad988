#!/usr/bin/perl
# Sources that may be compiled as one: prints a line a group, files separated by ';'.
#   unity_groups.pl MOST FILE...
# Two files are kept apart where a name that one of them keeps to itself (in an unnamed namespace) stands in the other too,
# unless behind '.', '->' or '::'. Reads the code as .clang-format leaves it; a name it overlooks is told by the compiler.
use strict;
use warnings;

my ($most, @files) = @ARGV;

sub tokens {
    my ($path) = @_;
    open(my $in, '<', $path) or die "$path: $!\n";
    local $/;
    my $text = <$in>;
    $text =~ s{R"(\w*)\(.*?\)\1"}{""}gs;
    $text =~ s{"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)'|//[^\n]*|/\*.*?\*/}{ substr($&, 0, 1) eq '"' ? '""' : ' ' }gse;
    my @macros = $text =~ /^\s*#\s*define\s+(\w+)/mg;
    $text =~ s/^\s*#[^\n]*$//mg;
    return (\@macros, [$text =~ /[A-Za-z_]\w*|->|::|[^\s\w]|\d[\w.']*/g]);
}

# The name that a declaration gives, from its tokens up to ';' or its body.
sub declared {
    my @t = @_;
    while (@t && $t[0] eq 'template') {
        shift @t;
        my $depth = 0;
        do {
            my $c = shift(@t) // return;
            $depth += $c eq '<' ? 1 : $c eq '>' ? -1 : 0;
        } while ($depth > 0);
    }
    return unless @t;
    return if $t[0] eq 'static_assert';
    return $t[1] if $t[0] eq 'using';
    if ($t[0] =~ /^(class|struct|union|enum)$/) {
        shift @t;
        shift @t if @t && $t[0] =~ /^(class|struct)$/;
        return $t[0];
    }
    my ($name, $angle) = ('', 0);
    for my $i (0 .. $#t) {
        my $c = $t[$i];
        if ($c eq '<') { $angle++; next }
        if ($c eq '>') { $angle-- if $angle; next }
        next if $angle;
        return $name if $name ne '' && $c =~ /^[(={\[]$/;
        $name = $c if $c =~ /^[A-Za-z_]/;
    }
    return $name;
}

my (%own, %used);
for my $file (@files) {
    my ($macros, $t) = tokens($file);
    my %mine = map { $_ => 1 } @$macros;
    for (my $i = 0; $i < @$t; $i++) {
        next unless $t->[$i] eq 'namespace' && ($t->[$i + 1] // '') eq '{';
        my ($depth, $parens, @statement) = (1, 0);
        for ($i += 2; $i < @$t && $depth > 0; $i++) {
            my $c = $t->[$i];
            if ($depth == 1 && $parens == 0 && ($c eq ';' || $c eq '{')) {
                my $name = declared(@statement, $c);
                $mine{$name} = 1 if defined $name && $name =~ /^[A-Za-z_]/;
                @statement = ();
            } elsif ($depth == 1) {
                push @statement, $c;
            }
            $parens += $c eq '(' ? 1 : $c eq ')' ? -1 : 0;
            $depth += $c eq '{' ? 1 : $c eq '}' ? -1 : 0;
            @statement = () if $depth == 1 && $c eq '}';
        }
        $i--;
    }
    my %all;
    for my $i (0 .. $#$t) {
        $all{$t->[$i]} = 1 if $t->[$i] =~ /^[A-Za-z_]/ && !($i > 0 && $t->[$i - 1] =~ /^(\.|->|::)$/);
    }
    ($own{$file}, $used{$file}) = (\%mine, \%all);
}

sub apart {
    my ($a, $b) = @_;
    for (keys %{$own{$a}}) { return 1 if $used{$b}{$_} || $own{$b}{$_} }
    for (keys %{$own{$b}}) { return 1 if $used{$a}{$_} }
    return 0;
}

my @groups;
FILE: for my $file (@files) {
    for my $group (@groups) {
        next if @$group >= $most || grep { apart($_, $file) } @$group;
        push @$group, $file;
        next FILE;
    }
    push @groups, [$file];
}
print join(';', @$_), "\n" for @groups;

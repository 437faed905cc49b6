using TransferLearning.Evaluation;
using TransferLearning.Predictors;
using TransferLearning.SelfSupervision;
using TransferLearning.Tests.EndToEnd;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfSupervision;

/// <summary>Filters of several sizes that are learned from images without labels.</summary>
public sealed class ConvolutionalSparseCodingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Rebuilt_OfCodesOfTwoScales_LaysEachFilterAtItsPlace()
    {
        Tensor[] banks = [Unit(1, 2, 3, 2, 2), Unit(2, 3, 3, 4, 4)];
        Tensor[] codes = [Random(3, 2, 2, 5, 4), Random(4, 2, 3, 3, 2)];

        var images = FilterBanks.Rebuilt(codes, banks);

        var expected = zeros(2, 3, 6, 5, dtype: float64);
        for (var s = 0; s < 2; s++)
        {
            var (size, maps) = (banks[s].shape[2], codes[s]);
            foreach (var (i, k, y, x) in Places(maps))
            {
                expected[i].narrow(1, y, size).narrow(2, x, size).add_(banks[s][k] * maps[i, k, y, x]);
            }
        }
        Assert.True(images.allclose(expected, 1e-12, 1e-12));
    }

    [Fact]
    public void Curvature_OfFilters_BoundsThatOfTheDictionaryOfAllPlaces()
    {
        Tensor[] banks = [Unit(1, 2, 3, 2, 2), Unit(2, 3, 3, 4, 4)];
        var all = Dictionary(banks, 3, 7, 6);

        var bound = FilterBanks.Curvature(banks, 7, 6);

        var largest = linalg.eigvalsh(all.matmul(all.t())).amax().item<double>();
        Assert.InRange(bound, largest, 1.5 * largest);
    }

    [Fact]
    public void Coded_OfImagesOfOnePixel_AreSparseCodesStepForStep()
    {
        var (rows, atoms) = (Random(1, 30, 5), Unit(2, 7, 5, 1, 1));

        var codes = FilterBanks.Coded(
            rows.view(30, 5, 1, 1),
            [atoms],
            0.2,
            FilterBanks.Curvature([atoms], 1, 1),
            iterations: 25
        );

        // Half the square here, the whole there.
        var expected = SparseCodes.Of(rows, atoms.view(7, 5), 0.4, iterations: 25, null);
        Assert.True(codes[0].view(30, 7).allclose(expected, 1e-9, 1e-12));
        Assert.InRange(expected.ne(0).to(float64).mean().item<double>(), 0.2, 0.9);
    }

    [Fact]
    public void Coded_ByFiltersAsLargeAsTheImages_AreSparseCodes()
    {
        var (images, atoms) = (Random(1, 20, 1, 4, 3), Unit(2, 6, 1, 3, 3));
        var square = images.narrow(2, 0, 3);

        var codes = FilterBanks.Coded(square, [atoms], 0.2, FilterBanks.Curvature([atoms], 3, 3), 1500);

        var expected = SparseCodes.Of(square.reshape(20, 9), atoms.view(6, 9), 0.4, 1500, null);
        Assert.True(codes[0].view(20, 6).allclose(expected, 1e-7, 1e-9));
    }

    [Fact]
    public void Coded_OfImages_MeetTheConditionsOfALeastError()
    {
        Tensor[] banks = [Unit(1, 3, 2, 2, 2), Unit(2, 2, 2, 4, 4)];
        var images = Random(3, 8, 2, 7, 6);
        const double Sparsity = 0.6;

        var codes = FilterBanks.Coded(images, banks, Sparsity, FilterBanks.Curvature(banks, 7, 6), 4000);

        var flat = cat([.. codes.Select(map => map.flatten(1))], 1);
        var all = Dictionary(banks, 2, 7, 6);
        var slope = (flat.matmul(all) - images.flatten(1)).matmul(all.t());
        var isUsed = flat.ne(0);
        Assert.InRange(isUsed.to(float64).mean().item<double>(), 0.05, 0.8); // some are used and some are not
        Assert.True(slope.abs().max().item<double>() <= Sparsity + 1e-6);
        var ofUsed = (slope + (flat.sign() * Sparsity)).masked_select(isUsed);
        Assert.True(ofUsed.abs().max().item<double>() < 1e-6);
    }

    [Fact]
    public void Fit_Objective_FallsInEveryRoundAndIsThatOfTheCodes()
    {
        var images = Random(1, 12, 2, 7, 6) + 3;
        var weights = linspace(0.5, 2, 12, dtype: float64);
        var mapping = new ConvolutionalSparseCoding(2, 7, 6, [2, 4])
        {
            Filters = 3,
            MaxRounds = 10,
            Tolerance = 1e-9,
            Iterations = 300,
        };

        var map = mapping.Fit(images, null, weights);

        var values = map.Objectives.data<double>().ToArray();
        Assert.Equal(10, values.Length);
        Assert.All(values.Skip(1).Zip(values), pair => Assert.True(pair.First <= pair.Second * (1 + 1e-9)));
        Assert.True(values[^1] < 0.98 * values[0], $"{values[0]} to {values[^1]}");
        Assert.All(map.Filters, bank => Assert.True(bank.flatten(1).norm(1).le(1 + 1e-9).all().item<bool>()));
        // The formula by itself, from the images that the mean and the spread make, with converged codes.
        var w = (weights / weights.mean()).view(-1, 1, 1, 1);
        var centered = images - (images * w).mean([0L, 2L, 3L]).view(1, 2, 1, 1);
        var x = centered / (centered.square() * w).mean().sqrt();
        var codes = map.Codes(images);
        var rest = (x - FilterBanks.Rebuilt(codes, map.Filters)).square().flatten(1).sum(1) / 2;
        var price = codes.Select(map => map.abs().flatten(1).sum(1) * 0.2).Aggregate((a, b) => a + b);
        var value = ((rest + price) * w.view(-1)).mean().item<double>();
        Assert.InRange(value, 0.99 * values[^1], values[^1] * (1 + 1e-9));
    }

    [Fact]
    public void Fit_OfImagesMadeOfTwoFilters_FindsBothAtTheirScales()
    {
        Tensor[] made = [Unit(11, 1, 1, 3, 3), Unit(12, 1, 1, 6, 6)];
        using var generator = new RandomKey(13).Generator();
        Tensor[] codes =
        [
            .. made.Select(bank =>
            {
                long[] shape = [40, 1, 17 - bank.shape[2], 17 - bank.shape[2]];
                var isUsed = rand(shape, dtype: float64, generator: generator).lt(0.01).to(float64);
                var size = rand(shape, dtype: float64, generator: generator) + 1;
                return isUsed * size * randn(shape, dtype: float64, generator: generator).sign();
            }),
        ];
        var images = FilterBanks.Rebuilt(codes, made);

        var map = new ConvolutionalSparseCoding(1, 16, 16, [3, 6])
        {
            Filters = 6,
            Sparsity = 0.1,
            MaxRounds = 40,
            Tolerance = 1e-4,
            FilterSteps = 10,
        }.Fit(images, FitContext.Seeded(2));

        for (var s = 0; s < 2; s++)
        {
            // At any shift of one against the other.
            var (found, beyond) = (map.Filters[s], made[s].shape[2] - 1);
            var padded = nn.functional.pad(found, [beyond, beyond, beyond, beyond]);
            var likeness = nn.functional.conv2d(padded, made[s]).abs().amax([1L, 2L, 3L]);
            var nearest = (likeness / found.flatten(1).norm(1).clamp_min(1e-9)).max().item<double>();
            Assert.True(nearest > 0.95, $"scale {s}: {nearest:F3}");
        }
    }

    [Fact]
    public void Extract_WithoutContrast_IsTheLargestCodeOfEachCell()
    {
        var images = Random(1, 5, 1, 6, 7);
        var map = Small(1, 6, 7) with { Grid = 2, ContrastWindow = 0 };
        var fitted = map.Fit(images);

        var features = fitted.Extract(images);

        var codes = fitted.Codes(images);
        var expected = codes.Select(maps =>
        {
            var (h, w) = (maps.shape[2], maps.shape[3]);
            // The cells of 2 by 2, which overlap where the side is odd.
            Tensor Cell(int i, int j) =>
                maps.abs()
                    .narrow(2, i == 0 ? 0 : h / 2, (h + 1) / 2)
                    .narrow(3, j == 0 ? 0 : w / 2, (w + 1) / 2)
                    .amax([2L, 3L]);
            return stack([Cell(0, 0), Cell(0, 1), Cell(1, 0), Cell(1, 1)], 2).flatten(1);
        });
        Assert.True(features.allclose(cat([.. expected], 1), 1e-12, 1e-12));
    }

    [Fact]
    public void Extract_WithContrast_SetsEachCodeAgainstItsSurroundings()
    {
        var images = Random(1, 3, 1, 6, 7);
        var fitted = (Small(1, 6, 7) with { Grid = 99, ContrastWindow = 3 }).Fit(images);

        var features = fitted.Extract(images);

        var expected = fitted.Codes(images).Select(maps => Contrasted(maps.abs(), side: 1).flatten(1));
        Assert.True(features.allclose(cat([.. expected], 1), 1e-9, 1e-12));
    }

    [Fact]
    public void Extract_OfRowsImagesAndBatches_IsTheSameAndKeepsTheirKind()
    {
        var images = Random(1, 130, 2, 6, 7);
        var fitted = Small(2, 6, 7).Fit(images.narrow(0, 0, 20));

        var features = fitted.Extract(images);

        Assert.Equal([130L, 5 * 4 + 5 * 4], features.shape);
        Assert.True(fitted.Extract(images.flatten(1)).equal(features).all().item<bool>());
        var parts = cat([fitted.Extract(images.narrow(0, 0, 1)), fitted.Extract(images.narrow(0, 1, 129))]);
        Assert.True(parts.allclose(features, 1e-9, 1e-12));
        Assert.Equal(ScalarType.Float32, fitted.Extract(images.to(float32)).dtype);
        Assert.Equal([0L, 40L], fitted.Extract(images.narrow(0, 0, 0)).shape);
        // Images of another size have as many features.
        Assert.Equal([3L, 40L], fitted.Extract(Random(2, 3, 2, 9, 12)).shape);
    }

    [Fact]
    public void Extract_AfterAFile_IsTheSame()
    {
        var images = Random(1, 20, 1, 6, 7);
        IFeatureExtractor? fitted = Small(1, 6, 7).Fit(images);
        using var folder = new TemporaryFolder();
        using (var saving = StateBag.ForSaving())
        {
            saving.Part("map", ref fitted);
            saving.Write(folder.File("map"));
        }
        using var loading = StateBag.Read(folder.File("map"));
        IFeatureExtractor? loaded = null;
        loading.Part("map", ref loaded);

        Assert.True(loaded!.Extract(images).equal(fitted!.Extract(images)).all().item<bool>());
        using var again = Assert.IsType<ConvolutionalCodes>(loaded);
        Assert.True(again.Objectives.equal(((ConvolutionalCodes)fitted).Objectives).all().item<bool>());
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(255)]
    public void Fit_OfImagesInAnotherUnit_GivesTheSameFeatures(double unit)
    {
        var images = Random(1, 20, 2, 6, 7) + 2;
        var expected = Small(2, 6, 7).Fit(images).Extract(images);

        var actual = Small(2, 6, 7).Fit(images * unit).Extract(images * unit);

        Assert.True(actual.allclose(expected, 1e-6, 1e-8));
    }

    [Fact]
    public void Fit_OfImagesWithoutWeight_DoesNotLookAtThem()
    {
        var images = Random(1, 30, 1, 6, 7);
        var weights = arange(30).lt(20).to(float64);
        var changed = cat([images.narrow(0, 0, 20), images.narrow(0, 20, 10) * 3]);
        Tensor Filters(Tensor from, Tensor? of) => Small(1, 6, 7).Fit(from, null, of).Filters[1];

        Assert.True(Filters(changed, weights * 50).allclose(Filters(images, weights), 1e-12, 1e-14));
        Assert.False(Filters(changed, null).allclose(Filters(images, null), 1e-3));
    }

    [Fact]
    public void Fit_FromOtherFilters_GoesOnFromThem()
    {
        var mapping = Small(1, 6, 7) with { MaxRounds = 1 };
        var images = Random(1, 30, 1, 6, 7);
        var first = (mapping with { MaxRounds = 20, Tolerance = 1e-9 }).Fit(images);
        var before = first.Filters[0].clone();

        var second = mapping.Fit(images, null, null, first);

        Assert.True(second.Objectives[0].item<double>() < mapping.Fit(images).Objectives[0].item<double>());
        Assert.True(first.Filters[0].equal(before).all().item<bool>()); // its own filters stay
        var fault = Assert.Throws<ArgumentException>(() =>
            (mapping with { Filters = 4 }).Fit(images, null, null, first)
        );
        Assert.Equal("start", fault.ParamName);
    }

    [Theory]
    [InlineData(ViewedDomains.Sources)]
    [InlineData(ViewedDomains.Target)]
    public void Fit_OfOneDomain_DoesNotLookAtTheOther(ViewedDomains domains)
    {
        LabeledDomain Images(long seed) => new(Random(seed, 20, 42), arange(20, dtype: int64).remainder(2));
        var mapping = Small(1, 6, 7) with { Domains = domains };
        Tensor Mapped(long source, long target) =>
            mapping
                .Fit(new DomainSet([Images(source)], Images(target).WithoutLabels()), FitContext.Seeded(2))
                .Extract(Images(1).Inputs);

        var isOfSources = domains == ViewedDomains.Sources;
        Assert.Equal(isOfSources, Mapped(1, 2).allclose(Mapped(1, 3)));
        Assert.Equal(!isOfSources, Mapped(1, 2).allclose(Mapped(3, 2)));
    }

    [Fact]
    public void Fit_WithinFewerRoundsThanItsToleranceAsks_SaysSo()
    {
        var log = new LogLines();
        var data = new LabeledDomain(Random(1, 20, 42), arange(20, dtype: int64).remainder(2));

        using var model = new AdaptationBuilder()
            .Map(Small(1, 6, 7) with { MaxRounds = 2, Tolerance = 1e-9 })
            .Learn(new LogisticRegression())
            .Fit(data, data.WithoutLabels(), new FitOptions { Logger = log });

        Assert.Contains(
            log.Warnings,
            line => line.Contains("ConvolutionalSparseCoding stopped at its MaxRounds of 2", StringComparison.Ordinal)
        );
        var direct = new LogLines();
        (Small(1, 6, 7) with { MaxRounds = 2, Tolerance = 1e-9 }).Fit(data.Inputs, new FitContext { Logger = direct });
        (Small(1, 6, 7) with { MaxRounds = 99, Tolerance = 0.5 }).Fit(data.Inputs, new FitContext { Logger = direct });
        Assert.Single(direct.Warnings);
    }

    [Fact]
    public void Fit_Canceled_StopsAndReportsItsShareBefore()
    {
        using var stop = new CancellationTokenSource();
        var heard = new List<double>();
        var context = new FitContext
        {
            Cancellation = stop.Token,
            Progress = new Heard(share =>
            {
                heard.Add(share);
                if (heard.Count == 3)
                {
                    stop.Cancel();
                }
            }),
        };

        Assert.Throws<OperationCanceledException>(() =>
            (Small(1, 6, 7) with { MaxRounds = 10, Tolerance = 1e-9 }).Fit(Random(1, 20, 1, 6, 7), context)
        );

        Assert.Equal([0, 0.1, 0.2], heard, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Fit_OfWhatDoesNotFit_NamesIt()
    {
        var images = Random(1, 4, 1, 6, 7);
        string? Named(Action call) => Assert.ThrowsAny<ArgumentException>(call).ParamName;

        Assert.Equal("channels", Named(() => _ = new ConvolutionalSparseCoding(0, 6, 7)));
        Assert.Equal("height", Named(() => _ = new ConvolutionalSparseCoding(1, 0, 7)));
        Assert.Equal("width", Named(() => _ = new ConvolutionalSparseCoding(1, 6, 0)));
        Assert.Equal("sizes", Named(() => _ = new ConvolutionalSparseCoding(1, 6, 7, [])));
        Assert.Equal("sizes", Named(() => _ = new ConvolutionalSparseCoding(1, 6, 7, [3, 0])));
        Assert.Equal("Sizes", Named(() => new ConvolutionalSparseCoding(1, 6, 7, [3, 7]).Fit(images)));
        Assert.Equal("inputs", Named(() => Small(1, 7, 6).Fit(images)));
        Assert.Equal("inputs", Named(() => Small(1, 6, 7).Fit(images.flatten(1).narrow(1, 0, 41))));
        Assert.Equal("inputs", Named(() => Small(1, 6, 7).Fit(images.narrow(0, 0, 0))));
        Assert.Equal("inputs", Named(() => Small(1, 6, 7).Fit(images.to(int64))));
        Assert.Equal("weights", Named(() => Small(1, 6, 7).Fit(images, null, ones(3, dtype: float64))));
        var fitted = Small(1, 6, 7).Fit(images);
        Assert.Equal("inputs", Named(() => fitted.Extract(Random(1, 4, 2, 6, 7))));
        Assert.Equal("inputs", Named(() => fitted.Extract(Random(1, 4, 1, 4, 7)))); // no room for filter and grid
        Assert.Equal("inputs", Named(() => fitted.Extract(Random(1, 4, 41))));
    }

    [Fact]
    public void Fit_OfImagesThatAreAllAlike_IsFinite()
    {
        foreach (var images in new[] { zeros(5, 1, 6, 7), ones(1, 1, 6, 7), full([5, 1, 6, 7], 1e6) })
        {
            var fitted = Small(1, 6, 7).Fit(images);

            Assert.True(fitted.Extract(images).isfinite().all().item<bool>());
            Assert.All(fitted.Filters, bank => Assert.True(bank.isfinite().all().item<bool>()));
        }
    }

    // Filters from MNIST's images without their labels, and five optical digits of each class with theirs: 84.8 to
    // 88.1 over five draws from three times as many images.
    [Fact]
    public void Features_FromOtherDigits_ReadMoreOfFewThanThePixels()
    {
        var (target, labels) = (SmallDigits.Target.Inputs, SmallDigits.Target.Labels);
        var map = new ConvolutionalSparseCoding(1, 8, 8, [3, 5])
        {
            Images = 100,
            MaxRounds = 12,
            Tolerance = 1e-3,
        }.Fit(SmallDigits.Source.Inputs);
        var features = map.Extract(target);

        var (ofPixels, ofFeatures) = (0.0, 0.0);
        for (var draw = 0; draw < 3; draw++)
        {
            using var generator = new RandomKey(draw).Generator();
            var order = randperm(labels.shape[0], generator: generator);
            Tensor[] rows = [.. Enumerable.Range(0, 10).Select(c => order[labels.index_select(0, order).eq(c)])];
            var from = cat([.. rows.Select(some => some.narrow(0, 0, 5))]);
            var to = cat([.. rows.Select(some => some.narrow(0, 5, some.shape[0] - 5))]);
            double Accuracy(Tensor of)
            {
                var few = new LabeledDomain(of.index_select(0, from), labels.index_select(0, from));
                var scores = new LogisticRegression().Fit(few).Predict(of.index_select(0, to));
                return AccuracyInterval.Of(scores, labels.index_select(0, to)).Value / 3;
            }
            (ofPixels, ofFeatures) = (ofPixels + Accuracy(target), ofFeatures + Accuracy(features));
        }

        Assert.True(ofFeatures > ofPixels + 0.015, $"pixels {ofPixels:F3}, features {ofFeatures:F3}");
    }

    public void Dispose() => scope.Dispose();

    private static ConvolutionalSparseCoding Small(long channels, long height, long width) =>
        new(channels, height, width, [2, 4])
        {
            Filters = 5,
            MaxRounds = 4,
            Iterations = 15,
            Grid = 2,
        };

    /// <summary>Every filter at every place as a row of an image's numbers.</summary>
    private static Tensor Dictionary(Tensor[] banks, long channels, long height, long width)
    {
        var atoms = new List<Tensor>();
        foreach (var bank in banks)
        {
            var size = bank.shape[2];
            for (var k = 0; k < bank.shape[0]; k++)
            {
                for (var y = 0; y <= height - size; y++)
                {
                    for (var x = 0; x <= width - size; x++)
                    {
                        var atom = zeros(channels, height, width, dtype: float64);
                        atom.narrow(1, y, size).narrow(2, x, size).copy_(bank[k]);
                        atoms.Add(atom.flatten());
                    }
                }
            }
        }
        return stack([.. atoms]);
    }

    // Window by window: exp(-2 (i^2 + j^2) / side^2) over the places inside, means over all maps of them.
    private static Tensor Contrasted(Tensor sizes, int side)
    {
        var (n, maps, h, w) = (sizes.shape[0], sizes.shape[1], sizes.shape[2], sizes.shape[3]);
        Tensor Around(Tensor of)
        {
            var means = zeros(n, 1, h, w, dtype: float64);
            for (var y = 0; y < h; y++)
            {
                for (var x = 0; x < w; x++)
                {
                    var (sum, all) = (zeros(n, dtype: float64), 0.0);
                    for (var i = Math.Max(0, y - side); i <= Math.Min(h - 1, y + side); i++)
                    {
                        for (var j = Math.Max(0, x - side); j <= Math.Min(w - 1, x + side); j++)
                        {
                            var weight = Math.Exp(-2.0 * (((i - y) * (i - y)) + ((j - x) * (j - x))) / (side * side));
                            sum += of.select(3, j).select(2, i).sum(1) / maps * weight;
                            all += weight;
                        }
                    }
                    means.select(3, x).select(2, y).select(1, 0).copy_(sum / all);
                }
            }
            return means;
        }
        var centered = sizes - Around(sizes);
        var spread = Around(centered.square()).sqrt();
        return centered / maximum(spread, spread.mean([2L, 3L], keepdim: true)).clamp_min(1e-12);
    }

    private static IEnumerable<(long, long, long, long)> Places(Tensor maps)
    {
        for (var place = 0L; place < maps.numel(); place++)
        {
            var (rest, x) = Math.DivRem(place, maps.shape[3]);
            (rest, var y) = Math.DivRem(rest, maps.shape[2]);
            var (i, k) = Math.DivRem(rest, maps.shape[1]);
            yield return (i, k, y, x);
        }
    }

    private static Tensor Unit(long seed, params long[] shape)
    {
        var filters = Random(seed, shape);
        return filters / filters.flatten(1).norm(1).view(-1, 1, 1, 1);
    }

    private static Tensor Random(long seed, params long[] shape)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn(shape, dtype: float64, generator: generator);
    }

    private sealed class Heard(Action<double> hear) : IProgress<double>
    {
        public void Report(double value) => hear(value);
    }
}

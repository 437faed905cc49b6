using System.Reflection;
using TransferLearning.Mapping;
using TransferLearning.SelfSupervision;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>
/// What every implementation of an interface keeps, found by reflection: a new method is held by the house rules at
/// once.
/// </summary>
public sealed class MethodContracts : IDisposable
{
    private static readonly Type[] Exported = typeof(AdaptationBuilder).Assembly.GetExportedTypes();

    // Only the rows tell how many pivots, features or directions there are.
    private static readonly Type[] UntoldWidths =
    [
        typeof(ConvolutionalSparseCoding),
        typeof(DomainInvariantPartialLeastSquares),
        typeof(InvariantFeatureSelection),
        typeof(SpectralFeatureAlignment),
        typeof(StructuralCorrespondenceLearning),
        typeof(TransferSubspaceLearning),
    ];
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<Type> Discrepancies() => Defaults(typeof(IDiscrepancy));

    public static TheoryData<Type> Weightings() => Defaults(typeof(IInstanceWeighting));

    public static TheoryData<Type> Mappings() => Defaults(typeof(IFeatureMapping));

    public static TheoryData<Type> SavedParts() =>
        [
            .. Exported.Where(type =>
                typeof(ISavedPart).IsAssignableFrom(type) && type is { IsAbstract: false, IsInterface: false }
            ),
        ];

    [Theory]
    [MemberData(nameof(Discrepancies))]
    public void Discrepancy_OfTwoSamples_IsADifferentiableScalarOfTheirKindAndLeavesNothingBehind(Type type)
    {
        var discrepancy = PlainMethods.Make<IDiscrepancy>(type);
        var (source, target) = (Rows(1).requires_grad_(), Rows(2).requires_grad_());
        discrepancy.Between(source, target).Dispose();
        // What other tests forgot goes now, and not while this one counts.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;

        var value = discrepancy.Between(source, target);

        Assert.Equal(before + 1, Tensor.TotalCount); // the value itself; what its graph keeps is libtorch's own
        Assert.Equal(1, value.numel());
        Assert.Equal(source.dtype, value.dtype);
        var gradients = autograd.grad([value], [source, target]);
        Assert.All(gradients, gradient => Assert.True(gradient.isfinite().all().item<bool>()));
        Assert.True(gradients[0].abs().sum().item<double>() > 0);
    }

    [Theory]
    [MemberData(nameof(Discrepancies))]
    public void Discrepancy_OfUnequalWidths_NamesTheArgument(Type type)
    {
        var fault = Assert.ThrowsAny<ArgumentException>(() =>
            PlainMethods.Make<IDiscrepancy>(type).Between(Rows(1), zeros(20, 3, dtype: float64))
        );
        Assert.Equal("target", fault.ParamName);
    }

    [Theory]
    [MemberData(nameof(Weightings))]
    public void Weighting_OfFloatRows_IsNonNegativeFiniteAndOfTheirKind(Type type)
    {
        var (source, target) = (Toy.Source(rows: 30), Toy.LabeledTarget(rows: 25));

        using var weights = PlainMethods
            .Make<IInstanceWeighting>(type)
            .Weigh(source, target.WithoutLabels(), FitContext.Seeded(1));

        Assert.Equal([30L], weights.shape);
        Assert.Equal(ScalarType.Float32, weights.dtype);
        Assert.True(
            weights.isfinite().all().item<bool>() && weights.ge(0).all().item<bool>() && weights.sum().item<float>() > 0
        );
    }

    [Theory]
    [MemberData(nameof(Mappings))]
    public void Mapping_FittedTwice_GivesTheSameBitsAndComesBackFromAFile(Type type)
    {
        var mapping = PlainMethods.Make<IFeatureMapping>(type);
        var domains = new DomainSet([Toy.Source(rows: 60)], Toy.LabeledTarget(rows: 50).WithoutLabels());
        using var folder = new TemporaryFolder();

        var map = mapping.Fit(domains, FitContext.Seeded(1));
        var again = mapping.Fit(domains, FitContext.Seeded(1));

        foreach (var domain in new[] { DomainId.Source(0), DomainId.Target })
        {
            var rows = domain.IsTarget ? domains.Target.Inputs : domains.Sources[0].Inputs;
            var mapped = map.For(domain).Extract(rows);
            Assert.Equal((2, rows.shape[0], rows.dtype), (mapped.dim(), mapped.shape[0], mapped.dtype));
            Assert.True(mapped.equal(again.For(domain).Extract(rows)).all().item<bool>());
            Assert.True(mapped.equal(Reloaded(map, folder).For(domain).Extract(rows)).all().item<bool>());
        }
    }

    [Theory]
    [MemberData(nameof(Mappings))]
    public void Mapping_PlannedWidth_IsThatOfItsRows(Type type)
    {
        var mapping = PlainMethods.Make<IFeatureMapping>(type);
        var domains = new DomainSet([Toy.Source(rows: 60)], Toy.LabeledTarget(rows: 50).WithoutLabels());
        var plan = new ChainPlan(domains, [4], new FitOptions(), []) { RowType = ScalarType.Float32 };

        var planned = mapping.MappedWidth(plan);

        var map = mapping.Fit(domains, FitContext.Seeded(1)).For(DomainId.Target);
        Assert.Equal(UntoldWidths.Contains(type) ? null : map.Extract(domains.Target.Inputs).shape[1], planned);
    }

    [Theory]
    [MemberData(nameof(SavedParts))]
    public void SavedPart_HasAShellToBeRebuiltBy(Type type) =>
        Assert.NotNull(
            type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, Type.EmptyTypes)
        );

    public void Dispose() => scope.Dispose();

    private static IFeatureExtractor Reloaded(IFeatureExtractor map, TemporaryFolder folder)
    {
        using (var saving = StateBag.ForSaving())
        {
            saving.Part("map", ref map!);
            saving.Write(folder.File("map"));
        }
        using var loading = StateBag.Read(folder.File("map"));
        IFeatureExtractor? loaded = null;
        loading.Part("map", ref loaded);
        return loaded!;
    }

    private static Tensor Rows(long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([20, 4], dtype: float64, generator: generator) + seed;
    }

    /// <summary>Implementations that can be made without arguments, as users first meet them.</summary>
    private static TheoryData<Type> Defaults(Type contract) =>
        [.. Exported.Where(type => contract.IsAssignableFrom(type) && PlainMethods.Shortest(type) is not null)];
}

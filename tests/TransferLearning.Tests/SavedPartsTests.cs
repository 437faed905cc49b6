using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests;

/// <summary>Files name ids, never types.</summary>
public sealed class SavedPartsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Ids_OfAllParts_DifferAndSayNothingOfTypes()
    {
        var types = typeof(ISavedPart)
            .Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(ISavedPart).IsAssignableFrom(type))
            .ToList();
        var ids = types.ConvertAll(SavedParts.IdOf);

        Assert.True(ids.Count > 20);
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, id => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", id));
        Assert.All(types.Zip(ids), pair => Assert.IsType(pair.First, SavedParts.Empty(pair.Second)));
    }

    [Fact]
    public void Part_OfOnesOwn_IsMadeFromAFileOnceItIsRegistered()
    {
        var path = Saved(new Doubling { Factor = 3 });
        var unknown = Assert.Throws<InvalidDataException>(() => Loaded(path));
        Assert.Contains("'tests.doubling'", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("SavedParts.Register", unknown.Message, StringComparison.Ordinal);

        SavedParts.Register<Doubling>();
        SavedParts.Register<Doubling>();

        Assert.Equal(3, Assert.IsType<Doubling>(Loaded(path)).Factor);
        Assert.Contains(
            "'tests.doubling'",
            Assert.Throws<ArgumentException>(SavedParts.Register<Other>).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Part_WithoutAnId_IsRefusedWhenItIsSaved()
    {
        var fault = Assert.Throws<ArgumentException>(() => Saved(new Nameless()));
        Assert.Contains("[SavedPart(", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>A file is data: it cannot have a type of its choice made.</summary>
    [Fact]
    public void File_ThatNamesAType_MakesNothing()
    {
        var path = folder.File("type");
        using (var bag = StateBag.ForSaving())
        {
            var name = typeof(Kernels.LinearKernel).AssemblyQualifiedName!;
            bag.Scope("part").Text("type", ref name);
            bag.Write(path);
        }
        Assert.Throws<InvalidDataException>(() => Loaded(path));
    }

    public void Dispose() => folder.Dispose();

    private string Saved(IFeatureExtractor? part)
    {
        var path = folder.File("part");
        using var bag = StateBag.ForSaving();
        bag.Part("part", ref part);
        bag.Write(path);
        return path;
    }

    private static IFeatureExtractor? Loaded(string path)
    {
        using var bag = StateBag.Read(path);
        IFeatureExtractor? part = null;
        bag.Part("part", ref part);
        return part;
    }

    [SavedPart("tests.doubling")]
    private sealed class Doubling : IFeatureExtractor, ISavedPart
    {
        private long factor = 2;

        public long Factor
        {
            get => factor;
            init => factor = value;
        }

        public Tensor Extract(Tensor inputs) => inputs * factor;

        public void Exchange(StateBag state) => state.Number("factor", ref factor);
    }

    [SavedPart("tests.doubling")]
    private sealed class Other : IFeatureExtractor, ISavedPart
    {
        public Tensor Extract(Tensor inputs) => inputs.alias();

        public void Exchange(StateBag state) { }
    }

    private sealed class Nameless : IFeatureExtractor, ISavedPart
    {
        public Tensor Extract(Tensor inputs) => inputs.alias();

        public void Exchange(StateBag state) { }
    }
}

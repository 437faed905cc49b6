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

    // A file tells by these that there is no part, or a module of the caller's.
    [Fact]
    public void Part_WithAnIdThatFilesUseOtherwise_IsRefusedWhenItIsRegisteredOrSaved()
    {
        void Names(string said, Action call) =>
            Assert.Contains(said, Assert.Throws<ArgumentException>(call).Message, StringComparison.Ordinal);

        Names("is saved under no id", SavedParts.Register<Blank>);
        Names("is saved under no id", () => Saved(new Blank()));
        Names("has the id 'network'", SavedParts.Register<Network>);
        Names("has the id 'network'", () => Saved(new Network()));
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

    // As files of a newer version may hold them.
    [Theory]
    [InlineData("semantic-predictor", "comparison")]
    [InlineData("linear-predictor", "scores")]
    public void Part_OfAChoiceThatIsUnknownHere_IsRefused(string id, string choice)
    {
        var path = folder.File("choice");
        using (var bag = StateBag.ForSaving())
        {
            var part = bag.Scope("part");
            Say(part, "type", id);
            Say(part.Scope("reader"), "type", "");
            Say(part, choice, "sideways");
            var penalty = 0.0;
            part.Number("seen penalty", ref penalty);
            bag.Write(path);
        }
        using var loading = StateBag.Read(path);
        ILabelPredictor? predictor = null;

        var fault = Assert.Throws<InvalidDataException>(() => loading.Part("part", ref predictor));

        Assert.Contains($"part/{choice} = 'sideways'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("labels", "shades")]
    [InlineData("row type", "Float7")]
    public void Model_OfRowsOrLabelsThatAreUnknownHere_IsRefused(string fact, string text)
    {
        var path = folder.File("facts");
        using (var bag = StateBag.ForSaving())
        {
            Say(bag, "format", "adapted model 1");
            IFeatureExtractor? extractor = ExtractorChain.Of();
            bag.Part("extractor", ref extractor);
            IFeatureExtractor? none = null;
            bag.Part("predictor", ref none);
            foreach (var (name, usual) in new[] { ("row type", "Float32"), ("labels", "classes") })
            {
                Say(bag, name, name == fact ? text : usual);
            }
            var (dimensions, width, names) = (-1L, 2L, 0L);
            bag.Number("row dimensions", ref dimensions);
            bag.Number("label width", ref width);
            bag.Number("class names", ref names);
            bag.Write(path);
        }

        var fault = Assert.Throws<InvalidDataException>(() => AdaptedModel.Load(path));

        Assert.Contains($"'{text}'", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static void Say(StateBag bag, string name, string text) => bag.Text(name, ref text);

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

    [SavedPart("")]
    private sealed class Blank : IFeatureExtractor, ISavedPart
    {
        public Tensor Extract(Tensor inputs) => inputs.alias();

        public void Exchange(StateBag state) { }
    }

    [SavedPart("network")]
    private sealed class Network : IFeatureExtractor, ISavedPart
    {
        public Tensor Extract(Tensor inputs) => inputs.alias();

        public void Exchange(StateBag state) { }
    }
}

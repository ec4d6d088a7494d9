fn main() {
    if !rtopt_rust_programs::build_info() {
        println!("Hello");
    }
}
